import * as auth from 'js-auth-previous'
import { CommerceLayer } from 'sdk-previous'

import { run } from './suite.mjs'

run({ packages: ['sdk-previous', 'js-auth-previous'], CommerceLayer, auth })
