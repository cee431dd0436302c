// The last five minutes as a chart: requests and refusals as bars, p50 and p99 as lines.

import { el, fill, pairs } from './dom.js'
import { duration } from './words.js'

const STRETCHES = 60
const [WIDTH, HEIGHT] = [600, 160]
const STEP = WIDTH / STRETCHES

const svg = (name, attributes, ...children) => {
  const node = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value)
  node.append(...children)
  return node
}

export function speed(points) {
  const requests = points.reduce((sum, it) => sum + it.requests, 0)
  const refused = points.reduce((sum, it) => sum + it.refused, 0)
  const last = points.at(-1)
  const most = Math.max(1, ...points.map((it) => it.requests))
  const slowest = Math.max(1, ...points.map((it) => it.p99))
  const x = (it) => WIDTH - (it.ago + 1) * STEP
  const bar = (it, name, count) => {
    const height = (count / most) * (HEIGHT - 10)
    return svg('rect', { class: name, x: x(it) + 1, y: HEIGHT - height, width: STEP - 2, height, rx: 1.5 })
  }
  const line = (name) => svg('polyline', { class: name, points: points.map((it) => `${x(it) + STEP / 2},${HEIGHT - 4 - (it[name] / slowest) * (HEIGHT - 14)}`).join(' ') })
  const words = `${requests} requests in five minutes, ${refused} refused${last ? `; half took at most ${duration(last.p50)}, 99 of 100 at most ${duration(last.p99)}` : ''}`
  const key = (name, text) => [el('span', { class: `key-line ${name}` }), text]
  fill('speed-detail', el('div', { class: 'speed' },
    svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': words },
      svg('line', { class: 'ground', x1: 0, x2: WIDTH, y1: HEIGHT, y2: HEIGHT }),
      ...points.map((it) => bar(it, 'bar', it.requests)), ...points.map((it) => bar(it, 'refused', it.refused)), line('p99'), line('p50')),
    pairs('legend', [
      [key('bar', 'Requests'), String(requests)],
      [key('refused', 'Refused'), String(refused)],
      [key('p50', 'p50'), last ? duration(last.p50) : '–'],
      [key('p99', 'p99'), last ? duration(last.p99) : '–'],
    ])))
}
