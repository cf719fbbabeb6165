/**
 * Decides which keys look like those of secrets, in JSON, in texts and of command lines alike. By whole words, as camelCase,
 * snake_case and kebab-case set them apart, where a word is too short to mean one thing. Refuses none: what is masked by
 * mistake costs less than what is shown.
 */

/**
 * Whether a value under this key is taken for a secret.
 *
 * - Anywhere in it, also where words are written as one: token, password (passwd, passwort), passphrase, passcode, secret,
 *   credential, authorization, bearer, key, cert...data. So `apikey`, `privateKey`, `auth_key`, `keys` and `keytab` are.
 * - As its last word, numbers, `id`, `data` and the like after it left out: pass, pwd, pw, psk, cred(s), auth, otp, jwt, md5,
 *   sas, sig(nature), cookie(s), session, community; `pwd` and `psk` also at the end of another word (`wpapsk`). The last
 *   word says what the value is: `wpa-psk`, `userPass`, `session_id` and `pass2` are; `sessionAffinity`, `passThru`,
 *   `cookieName` and `md5_sum` are not.
 * - Not where a word merely holds one: `bypass`, `compass`, `passthru`, `bypassWindow`, `md5sum`. Not `communities` and
 *   `sessions`: those are of routes, and counted.
 */
export const isSecretKey = (key: string): boolean =>
  anywhere.test(key) || (mayEnd.test(key) && endsInSecret(key.slice(-longestEnd)))

// What may stand between two words is bounded: a key of 1 MiB is gone through once.
const anywhere =
  /token|pass[-_. ]?(?:w(?:or[dt]|r?d)|phrase|code)|secret|credential|authorization|bearer|key|cert.{0,64}data/i

const lastWords: ReadonlySet<string> = new Set([
  ...['pass', 'userpass', 'pwd', 'pw', 'psk', 'cred', 'creds', 'auth', 'otp', 'jwt', 'md5', 'sas'],
  ...['sig', 'signature', 'cookie', 'cookies', 'session', 'sessionid', 'community'],
])

/** Spares nearly every key the rest. */
const mayEnd = new RegExp([...lastWords].join('|'), 'i')
const longestEnd = 256

const between = /[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/
/** Words that say how a value is written, and not what it is. */
const filler = /^(?:\d*|id|data|value|string|text|hash|hex|raw|plain|base64|b64|enc|encoded)$/

const endsInSecret = (key: string): boolean => {
  const words = key.split(between).map((word) => word.toLowerCase())
  const last = words.filter((word) => !filler.test(word)).at(-1) ?? ''
  return [last, last.replace(/\d+$/, '')].some(
    (word) => lastWords.has(word) || /(?:pwd|psk)$/.test(word),
  )
}
