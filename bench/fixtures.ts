/** Decides what is planned in the measurements: networks of two sizes, selected in both forms of the annotation. */
import type { PlanInput, SourceText } from '../lib/index.js'

/** `minimal`: about 55 bytes a configuration. `realistic`: about 230, a bridge as people write it. */
export type Size = 'minimal' | 'realistic'
export type Form = 'json' | 'short'

const textOf = (name: string, index: number, size: Size): string =>
  JSON.stringify(
    size === 'minimal'
      ? { cniVersion: '0.3.1', name, type: 'bridge' }
      : {
          cniVersion: '0.3.1',
          name,
          type: 'bridge',
          bridge: `cni${index}`,
          isGateway: true,
          ipMasq: true,
          ipam: {
            type: 'host-local',
            subnet: '10.1.0.0/16',
            rangeStart: '10.1.1.20',
            gateway: '10.1.0.1',
            routes: [{ dst: '0.0.0.0/0' }],
          },
        },
  )

/** The files of a configuration directory with this many networks. */
export const filesOf = (directory: string, count: number, size: Size): readonly SourceText[] =>
  Array.from({ length: count }, (_, index) => {
    const name = `net-${index}`
    const source = `${directory}/${String(index).padStart(4, '0')}-${name}.conf`
    return { source, text: textOf(name, index, size) }
  })

/** The input of a pod that selects every one of these networks, once. */
export const inputOf = (count: number, form: Form, files: readonly SourceText[] | undefined) => {
  const names = Array.from({ length: count }, (_, index) => `net-${index}`)
  const annotation =
    form === 'json' ? JSON.stringify(names.map((name) => ({ name }))) : names.join(',')
  return {
    config: {
      source: 'stdin',
      text: '{"cniVersion":"0.3.1","name":"multus-cni","type":"multus","defaultDelegates":"net-0"}',
    },
    pod: { annotations: { 'tke.cloud.tencent.com/networks': annotation } },
    files,
  } satisfies PlanInput
}
