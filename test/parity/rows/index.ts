/** Decides nothing: all rows of the table, in the order in which it is printed. */
import type { Row } from '../row.js'
import { bridgeRows } from './bridge.js'
import { bridgeFailureRows } from './bridge-failures.js'
import { hostLocalRows } from './host-local.js'
import { loopbackRows } from './loopback.js'
import { macvlanRows } from './macvlan.js'
import { ptpRows } from './ptp.js'
import { staticRows } from './static.js'
import { tuningRows } from './tuning.js'

/** The table. */
export const rows: readonly Row[] = [
  ...loopbackRows,
  ...bridgeRows,
  ...bridgeFailureRows,
  ...ptpRows,
  ...macvlanRows,
  ...tuningRows,
  ...hostLocalRows,
  ...staticRows,
]
