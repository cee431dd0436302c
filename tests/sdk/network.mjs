// The way from the hosts that the SDKs write into their URLs to the server under test.
//
// Both SDKs ask https://auth.<domain> and https://<organization>.<domain>. A deployment has such hosts;
// here they are led to the local server. Nothing else about a request is changed.

/**
 * A `fetch` that leads the hosts of these domains to `url`, and asks none but them and this machine.
 *
 * Of it, `asked` holds the hosts and paths that were led, in order, and `lead` is the way alone.
 */
export function networkTo(url, domains) {
  const asked = []
  const hosts = domains.flatMap((domain) => [`auth.${domain}`, `demo.${domain}`])
  const machine = ['localhost', '127.0.0.1']

  const lead = (address) => {
    const { protocol, host, hostname, pathname, search } = new URL(address)
    if (protocol === 'http:' && machine.includes(hostname)) return new URL(address)
    if (protocol !== 'https:' || !hosts.includes(host)) throw new Error(`${address} is none of ${hosts.join(', ')}`)
    asked.push(host + pathname)
    return new URL(pathname + search, url)
  }
  const fetch = globalThis.fetch
  return Object.assign((address, options) => fetch(lead(address), options), { asked, lead })
}
