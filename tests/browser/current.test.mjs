// Shoppers' walks, with the current components.

import { suite } from './suite.mjs'

suite('components-current')
