// What a person can tell of the things on a page. Each function is evaluated in the page.
({
  // Of some elements, the one that can be acted on now, or why none can.
  // Scrolls as a person could: what hides its overflow is not scrolled. Who is helped is told which
  // of several is meant: the first.
  sight(elements, helped) {
    const told = (why) => ({why});
    if (!elements.length) return told('not found on the page');
    const shown = elements.map((element, index) => ({index, element, box: this.body(element)}))
                          .filter((each) => each.box);
    if (!shown.length) return told('on the page, but nobody sees it');
    if (shown.length > 1 && !helped) return told(`ambiguous: ${shown.length} of them are on the page`);
    const {index, element, box} = shown[0];
    if (element.matches(':disabled') || element.closest('[aria-disabled="true"]'))
      return told('disabled');
    this.bring(box);
    const point = this.inside(box.getBoundingClientRect());
    if (!point) return told('outside of the screen, where the page does not scroll');
    const hit = this.deepest(point.x, point.y);
    if (!this.same(element, box, hit)) return told(`covered by ${this.named(hit)}`);
    const {width, height} = box.getBoundingClientRect();
    const kind = element.localName === 'select' ? 'select'
      : element.isContentEditable || this.typed(element) ? 'text' : element.type || '';
    return {why: '', index, width, height, kind, ...point,
            read_only: !!element.readOnly, value: element.value ?? element.textContent ?? ''};
  },

  // Whether any of some elements is seen.
  seen(elements) { return elements.some((each) => this.visible(each)); },

  visible(element) {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1
      && element.checkVisibility({visibilityProperty: true, opacityProperty: true});
  },

  // What stands for an element on the screen: itself, or the label of a box that is styled away.
  body(element) {
    if (this.visible(element)) return element;
    return [...(element.labels ?? [])].find((each) => this.visible(each));
  },

  typed(element) {
    return element.localName === 'textarea' || (element.localName === 'input' && !['button',
      'checkbox', 'color', 'file', 'image', 'radio', 'range', 'reset', 'submit',
    ].includes(element.type));
  },

  bring(element) {
    const scrolls = (style) => /auto|scroll/.test(style.overflowY + style.overflowX);
    const middle = () => element.getBoundingClientRect();
    let fixed = getComputedStyle(element).position === 'fixed';
    for (let box = this.parent(element); box && !fixed; box = this.parent(box)) {
      const style = getComputedStyle(box);
      if (box !== document.body && box !== document.documentElement && scrolls(style)) {
        const at = middle(), frame = box.getBoundingClientRect();
        if (at.top < frame.top || at.bottom > frame.bottom)
          box.scrollBy({top: (at.top + at.bottom - frame.top - frame.bottom) / 2,
                        behavior: 'instant'});
        if (at.left < frame.left || at.right > frame.right)
          box.scrollBy({left: (at.left + at.right - frame.left - frame.right) / 2,
                        behavior: 'instant'});
      }
      fixed = style.position === 'fixed';
    }
    const held = [document.documentElement, document.body].some((each) =>
      each && /hidden|clip/.test(getComputedStyle(each).overflowY));
    if (fixed || held) return;
    const at = middle(), view = document.documentElement;
    const top = at.top < 0 || at.bottom > view.clientHeight
      ? (at.top + at.bottom - view.clientHeight) / 2 : 0;
    const left = at.left < 0 || at.right > view.clientWidth
      ? (at.left + at.right - view.clientWidth) / 2 : 0;
    if (top || left) window.scrollBy({top, left, behavior: 'instant'});
  },

  parent(element) {
    return element.assignedSlot ?? element.parentElement ?? element.getRootNode().host ?? null;
  },

  // The middle of the part of a box that is on the screen.
  inside(box) {
    const left = Math.max(box.left, 0), top = Math.max(box.top, 0);
    const right = Math.min(box.right, Math.max(innerWidth, document.documentElement.clientWidth));
    const bottom = Math.min(box.bottom, innerHeight);
    if (right - left < 2 || bottom - top < 2) return null;
    return {x: (left + right) / 2, y: (top + bottom) / 2};
  },

  deepest(x, y) {
    let hit = document.elementFromPoint(x, y);
    while (hit?.shadowRoot) {
      const inner = hit.shadowRoot.elementFromPoint(x, y);
      if (!inner || inner === hit) break;
      hit = inner;
    }
    return hit;
  },

  // Whether a tap on what was hit acts on the element.
  same(element, box, hit) {
    for (let each = hit; each; each = this.parent(each))
      if (each === element || each === box) return true;
    return [...(element.labels ?? [])].some((label) => label.contains(hit));
  },

  named(element) {
    if (!element) return 'nothing that can be told';
    const id = element.id ? `#${element.id}` : '';
    const kind = typeof element.className === 'string' && element.className.trim()
      ? '.' + element.className.trim().split(/\s+/).slice(0, 2).join('.') : '';
    return `<${element.localName}${id}${kind}>`;
  },

  focused() {
    let active = document.activeElement;
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
    return active;
  },

  // What has the focus: a number of its own and a few words; 0 at the top of the page.
  focus() {
    const active = this.focused(), known = Symbol.for('drillhall.focused');
    if (!active || active === document.body || active === document.documentElement)
      return {number: 0, name: '', parts: false};
    const numbers = (globalThis[known] ??= new Map());
    if (!numbers.has(active)) numbers.set(active, numbers.size + 1);
    // A date has a stop for each of its parts, and so have a frame and a film.
    const parts = active.matches('iframe, video, audio, input:is([type=date], [type=time],'
      + ' [type=month], [type=week], [type=datetime-local])');
    return {number: numbers.get(active), name: this.named(active), parts};
  },

  // Whether one of some elements has the focus.
  holds(elements) { return elements.includes(this.focused()); },

  // The moments at which keys came down in this page since it was last asked, milliseconds.
  keys() {
    const taken = globalThis[Symbol.for('drillhall.keys')] ?? [];
    return taken.splice(0);
  },

  // CSS selectors of those elements that are seen.
  selectors(elements) {
    return elements.filter((each) => this.body(each)).map((each) => this.selector(each));
  },

  selector(element) {
    const steps = [];
    for (let each = element; each && each !== document.documentElement; each = each.parentElement) {
      if (each.id && document.querySelectorAll(`#${CSS.escape(each.id)}`).length === 1) {
        steps.unshift(`#${CSS.escape(each.id)}`);
        break;
      }
      const place = [...(each.parentElement?.children ?? [])].indexOf(each) + 1;
      steps.unshift(place ? `${each.localName}:nth-child(${place})` : each.localName);
    }
    return steps.join(' > ');
  },

  texting() {
    const active = this.focused();
    return !!active && (active.isContentEditable || this.typed(active));
  },

  // What the page says, as people read it.
  says() {
    const main = document.querySelector('main, [role=main]') ?? document.body;
    return (main?.innerText ?? '').replace(/\s+/g, ' ').trim();
  },
})
