// Elements, made of plain calls.

/** An element with its properties, attributes, listeners (`onclick`) and children; what is null is left out. */
export function el(name, properties = {}, ...children) {
  const node = document.createElement(name)
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue
    if (key === 'class') node.className = value
    else if (key.startsWith('on')) node.addEventListener(key.slice(2), value)
    else if (key in node && key !== 'list' && typeof value !== 'string') node[key] = value
    else node.setAttribute(key, value === true ? '' : value)
  }
  node.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false))
  return node
}

/** The part of the page with this id. */
export const part = (id) => document.getElementById(id)

/** Fills a part of the page anew. */
export const fill = (id, ...children) => part(id).replaceChildren(...children.flat().filter(Boolean))

/** A button that cannot be pressed again while it works. */
export function button(label, press, properties = {}) {
  const node = el('button', { type: 'button', ...properties }, label)
  node.addEventListener('click', async () => {
    node.disabled = true
    try {
      await press()
    } finally {
      node.disabled = false
    }
  })
  return node
}

/** Terms and what they say. */
export const pairs = (className, entries) =>
  el('dl', { class: className }, entries.filter(Boolean).map(([term, value]) => el('div', {}, el('dt', {}, term), el('dd', {}, value))))

/** A control with its label. */
export function field(label, control) {
  control.id ||= `field-${(field.count = (field.count ?? 0) + 1)}`
  return el('div', { class: 'field' }, el('label', { for: control.id }, label), control)
}

/** Copies a text, and says so on the button that was pressed. */
export async function copy(text, pressed) {
  const label = pressed.textContent
  try {
    await navigator.clipboard.writeText(text)
    pressed.textContent = 'Copied'
  } catch {
    pressed.textContent = 'Not allowed'
  }
  setTimeout(() => (pressed.textContent = label), 1500)
}
