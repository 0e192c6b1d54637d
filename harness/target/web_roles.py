"""The roles by which things on a page are found: WAI-ARIA 1.2, section 5.3, but the abstract ones.

https://www.w3.org/TR/wai-aria-1.2/#role_definitions
"""

from __future__ import annotations

_NAMES = """
    alert alertdialog application article banner blockquote button caption cell checkbox code
    columnheader combobox complementary contentinfo definition deletion dialog directory document
    emphasis feed figure form generic grid gridcell group heading img insertion link list listbox
    listitem log main marquee math menu menubar menuitem menuitemcheckbox menuitemradio meter
    navigation none note option paragraph presentation progressbar radio radiogroup region row
    rowgroup rowheader scrollbar search searchbox separator slider spinbutton status strong
    subscript superscript switch tab table tablist tabpanel term textbox time timer toolbar tooltip
    tree treegrid treeitem
"""
ROLES = frozenset(_NAMES.split())
