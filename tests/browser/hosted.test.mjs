// Shoppers' walks, with the components of the hosted checkout.

import { suite } from './suite.mjs'

suite('components-hosted')
