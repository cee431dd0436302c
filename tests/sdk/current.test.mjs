import * as auth from 'js-auth-current'
import { CommerceLayer } from 'sdk-current/bundle'

import { run } from './suite.mjs'

run({ packages: ['sdk-current', 'js-auth-current'], CommerceLayer, auth })
