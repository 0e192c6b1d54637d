// What looks ask of a page, in a world of our own: what the page's scripts redefine is not seen here.
// Put together with page.js, whose functions these use.
({
  most: 2000,  // elements of a page that are looked at
  kept: [],    // elements by number, for as long as one look takes

  keep(element) {
    const at = this.kept.indexOf(element);
    return at >= 0 ? at : this.kept.push(element) - 1;
  },

  // Every element, those in open shadow trees as well.
  *all(selector, root = document) {
    for (const each of root.querySelectorAll('*')) {
      if (each.matches(selector)) yield each;
      if (each.shadowRoot) yield* this.all(selector, each.shadowRoot);
    }
  },

  // Those of them that people see, at most so many.
  shown(selector) {
    const found = [];
    for (const each of this.all(selector)) {
      if (found.length >= this.most) break;
      if (this.visible(each)) found.push(each);
    }
    return found;
  },

  // A selector that finds the element: from the nearest id down. ">>>" steps into a shadow tree.
  selector(element) {
    const parts = [];
    const root = element.getRootNode();
    for (let each = element; each && each.nodeType === 1; each = each.parentElement) {
      if (each.id && root.querySelectorAll('#' + CSS.escape(each.id)).length === 1) {
        parts.unshift('#' + CSS.escape(each.id));
        break;
      }
      const alike = [...(each.parentElement ?? root).children]
        .filter((other) => other.localName === each.localName);
      const name = CSS.escape(each.localName);
      parts.unshift(alike.length > 1 ? `${name}:nth-of-type(${alike.indexOf(each) + 1})` : name);
    }
    const own = parts.join(' > ');
    return root.host ? `${this.selector(root.host)} >>> ${own}` : own;
  },

  find(selector) {
    let root = document, found = null;
    for (const part of selector.split('>>>')) {
      try { found = root?.querySelector(part) ?? null; } catch { return null; }
      root = found?.shadowRoot;
    }
    return found;
  },

  // Those that some selectors of a target's description find.
  chosen(selectors) {
    const found = new Set();
    for (const each of selectors) {
      try { document.querySelectorAll(each).forEach((element) => found.add(element)); } catch { }
    }
    return [...found];
  },

  role(element) { return element.getAttribute('role')?.trim().split(/\s+/)[0] ?? ''; },

  // Whether an element lies within another of one of some roles.
  within(element, roles) {
    for (let each = this.parent(element); each; each = this.parent(each))
      if (roles.includes(this.role(each))) return true;
    return false;
  },

  isField(element) {
    return this.typed(element) || element.localName === 'select'
      || (element.localName === 'input' && /^(checkbox|radio|file|range|color)$/.test(element.type))
      || /^(textbox|combobox|searchbox|spinbutton)$/.test(this.role(element));
  },

  fields() {
    return [...this.all('input, select, textarea, [role=textbox], [role=combobox]')]
      .filter((each) => this.isField(each) && each.type !== 'hidden' && !each.matches(':disabled')
                        && !each.closest('[inert]') && this.body(each))
      .slice(0, this.most);
  },

  // The buttons that take people on: those the walk presses, or else those that send a form.
  main(selectors) {
    const told = this.chosen(selectors);
    const found = told.length ? told : [...this.all(
      'form button:not([type]), button[type=submit], input[type=submit], input[type=image]')];
    return found.filter((each) => this.body(each));
  },

  // What a link, button or field is called by those who see the page.
  words(element) {
    const text = (each) => (each?.innerText ?? each?.textContent ?? '').trim();
    const byId = (ids) => (ids ?? '').split(/\s+/).filter(Boolean)
      .map((id) => text(element.getRootNode().getElementById(id))).join(' ').trim();
    const own = this.isField(element) ? '' : text(element);
    const pressed = /^(submit|button|reset)$/.test(element.type ?? '') ? element.value : '';
    return [element.getAttribute('aria-label'), byId(element.getAttribute('aria-labelledby')),
            [...(element.labels ?? [])].map(text).join(' '), own, pressed,
            element.getAttribute('placeholder'), element.getAttribute('title'),
            element.getAttribute('alt'), element.querySelector?.('img[alt]')?.alt,
            element.getAttribute('name')]
      .find((each) => typeof each === 'string' && each.trim())?.trim().slice(0, 400) ?? '';
  },

  what(element) {
    const role = this.role(element), name = element.localName, type = element.type;
    if (role === 'button' || name === 'button' || name === 'summary'
        || (name === 'input' && /^(submit|button|reset|image)$/.test(type))) return 'button';
    if (role === 'link' || (name === 'a' && element.href)) return 'link';
    if (role === 'checkbox' || type === 'checkbox') return 'tick box';
    if (role === 'radio' || type === 'radio') return 'choice';
    if (name === 'select') return 'list';
    if (this.isField(element)) return 'box';
    return {img: 'picture', iframe: 'frame', label: 'label', td: 'cell', th: 'heading',
            option: 'choice'}[name] ?? (/^h[1-6]$/.test(name) ? 'heading' : 'text');
  },

  // An element as reports call it.
  told(element, more = {}) {
    return {selector: this.selector(element), what: this.what(element),
            words: this.words(element) || this.named(element), ...more};
  },

  // An element's box on the screen with the labels that act as it does.
  area(element) {
    const boxes = [element, ...(element.labels ?? [])].filter((each) => this.visible(each))
      .map((each) => each.getBoundingClientRect());
    return boxes.reduce((most, box) =>
      Math.min(box.width, box.height) > Math.min(most.width, most.height) ? box : most, boxes[0]);
  },

  colour(text) {
    const found = text.match(/^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/);
    return found && [+found[1], +found[2], +found[3], found[4] === undefined ? 1 : +found[4]];
  },

  over(above, below) {
    return [0, 1, 2].map((at) => above[at] * above[3] + below[at] * (1 - above[3])).concat(1);
  },

  // The colour behind an element's text, or null if it cannot be told (pictures, transparency).
  ground(element) {
    const layers = [];
    for (let each = element; each; each = this.parent(each)) {
      const style = getComputedStyle(each);
      if (style.backgroundImage !== 'none' || style.opacity !== '1' || style.filter !== 'none')
        return null;
      const colour = this.colour(style.backgroundColor);
      if (!colour) return null;
      layers.push(colour);
      if (colour[3] === 1) break;
    }
    const ground = this.canvas();
    return ground && layers.reduceRight((below, above) => this.over(above, below), ground);
  },

  // The page's own ground: what its colour scheme, or the system, makes of "Canvas".
  canvas() {
    if (this.own === undefined) {
      const sample = document.createElement('i');
      sample.style.color = 'Canvas';
      sample.style.colorScheme = getComputedStyle(document.documentElement).colorScheme;
      document.documentElement.append(sample);
      this.own = this.colour(getComputedStyle(sample).color);
      sample.remove();
    }
    return this.own;
  },

  // WCAG's contrast ratio of two opaque colours, from 1 to 21.
  ratio(one, other) {
    const light = (colour) => [0.2126, 0.7152, 0.0722].reduce((sum, share, at) => {
      const part = colour[at] / 255;
      return sum + share * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    }, 0);
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  },

  async settled() {
    const frame = () => new Promise((done) => {
      requestAnimationFrame(() => done());
      setTimeout(done, 100);  // pages that are not drawn have no frames
    });
    await frame();
    await frame();
  },

  // -- leaving the page as it was ---------------------------------------------------------------

  was: null,

  // No form is sent meanwhile, not even by a page that sends itself when something changes.
  hold: (event) => { event.preventDefault(); event.stopImmediatePropagation(); },

  remember() {
    this.kept = [];
    this.own = undefined;
    addEventListener('submit', this.hold, true);
    const scrolled = [...document.querySelectorAll('*')].slice(0, 20000)
      .filter((each) => each.scrollTop || each.scrollLeft);
    this.was = {
      focus: this.focused(),
      fields: [...this.all('input, textarea, select')].slice(0, this.most)
        .filter((each) => each.type !== 'file')
        .map((each) => ({each, value: each.value, checked: each.checked})),
      scrolled: scrolled.map((each) => [each, each.scrollTop, each.scrollLeft]),
      at: [scrollX, scrollY],
    };
  },

  write(field, value) {
    const kind = {input: HTMLInputElement, textarea: HTMLTextAreaElement, select: HTMLSelectElement};
    const prototype = kind[field.localName]?.prototype;
    if (!prototype || field.value === value) return;
    // Past what a page's framework puts in front of "value", and then told to it.
    Object.getOwnPropertyDescriptor(prototype, 'value').set.call(field, value);
    for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, {bubbles: true}));
  },

  putBack() {
    if (!this.was) return;
    const {focus, fields, scrolled, at} = this.was;
    for (const {each, value, checked} of fields) {
      if (!each.isConnected) continue;
      this.write(each, value);
      if (each.checked !== checked) each.checked = checked;
    }
    if (this.focused() !== focus) {
      if (!focus || focus === document.body) this.focused()?.blur?.();
      else focus.focus({preventScroll: true});
    }
    removeEventListener('submit', this.hold, true);
    for (const [each, top, left] of scrolled) each.scrollTo({top, left, behavior: 'instant'});
    window.scrollTo({left: at[0], top: at[1], behavior: 'instant'});
    this.was = null;
    this.kept = [];
  },
})
