"""What was sent against what is held, record by record; the checks report what this finds.

The reconcile modes of a reader, as a target's description names them:

``set``
    Every report is a row of its own. Rows are matched by operation key; where the target keeps
    none, by record and values, or by whole rows of values alone.
``keyed``
    One row a record: the report that stands. Without a record column it is read as ``set``.
``state``
    One row a record, whose cells may come from several reports: each cell is a register.
``children``
    So many rows below a record: one for each report.
``count``, ``totals``
    Sums over everything, or over a county or record where a row names one.
"""
