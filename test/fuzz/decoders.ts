/** Decides which decoders are fuzzed. What each promises beside returning, and how its inputs grow, stands in decoders/. */
import { configuration, metaConfiguration } from './decoders/configurations.js'
import { hostLocal, pool, staticConfig } from './decoders/ipam.js'
import { manifest } from './decoders/manifest.js'
import { masking } from './decoders/masking.js'
import { annotation, planText } from './decoders/plans.js'
import { cache, record } from './decoders/records.js'
import { request } from './decoders/request.js'
import { cniError, result, versionReply } from './decoders/results.js'
import { runtimePod } from './decoders/runtime-pod.js'
import { address, cniArgs, resolvConf } from './decoders/texts.js'
import type { Decoder } from './watch.js'

/** All of them, in the order in which they run. */
export const decoders: readonly Decoder[] = [
  request,
  configuration,
  metaConfiguration,
  annotation,
  planText,
  result,
  cache,
  record,
  versionReply,
  cniError,
  cniArgs,
  resolvConf,
  hostLocal,
  pool,
  staticConfig,
  address,
  manifest,
  runtimePod,
  masking,
]
