// The shop's page, with one version of Commerce Layer's components.

import { build } from 'esbuild'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))

/**
 * The current components ask for a beta of the SDK 8, whose client has every resource. Of the SDK 7, which
 * package.json puts in its place, that is the bundle.
 */
const wholeSdk = {
  name: 'whole-sdk',
  setup(build) {
    build.onResolve({ filter: /^@commercelayer\/sdk$/ }, ({ importer, resolveDir, kind }) => {
      const isOfCurrent = importer.includes('/@commercelayer/core-components/')
      return isOfCurrent ? build.resolve('@commercelayer/sdk/bundle', { resolveDir, kind }) : undefined
    })
  },
}

/** The page's script. `components` is the name that the version has in package.json. */
export async function pageWith(components, domain) {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: ['page/main.jsx'],
    alias: { components: `./page/${components}.js` },
    plugins: [wholeSdk],
    bundle: true,
    write: false,
    format: 'esm',
    jsx: 'automatic',
    define: { DOMAIN: JSON.stringify(domain), 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
    logLevel: 'warning',
  })
  return outputFiles[0].contents
}
