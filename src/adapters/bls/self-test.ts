/**
 * A known answer, signed and verified before the first duty: finds a faulty binary or processor once,
 * because to verify every signature would cost more than to make it.
 */
import { equalBytes } from '../../base/bytes.ts';
import { fromHex, isHexOf, type Hex } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import { ROOT_SIZE, SECRET_KEY_SIZE, SIGNATURE_SIZE, type Blst } from './blst.ts';

/** A case of ethereum/bls12-381-tests, `sign`: the message is thirty-two times 0x56. */
const KNOWN = Object.freeze({
  secret: constant(
    SECRET_KEY_SIZE,
    '263dbd792f5b1be47ed85f8938c0f29586af0d3ac7b977f21c278fe1462040e3',
  ),
  message: constant(ROOT_SIZE, '56'.repeat(ROOT_SIZE)),
  signature: constant(
    SIGNATURE_SIZE,
    '882730e5d03f6b42c3abc26d3372625034e1d871b65a8a6b900a56dae22da98abbe1b68f85e49fe7652a55ec3d0591c20767677e33e5cbb1207315c41a9ac03be39c2e7668edc043d6cb1d9fd93033caa8a1c5b0e84bedaeb6c64972503a43eb',
  ),
});

/** Whether this library, here and now, signs and verifies as it should. */
export function selfTest({ SecretKey, verify }: Blst): Result<void, Reason> {
  const key = SecretKey.fromBytes(fromHex(KNOWN.secret));
  const message = fromHex(KNOWN.message);
  const signature = key.sign(message);
  const isRight = equalBytes(signature.toBytes(), fromHex(KNOWN.signature));
  if (isRight && verify(message, key.toPublicKey(), signature, true, true)) return ok(undefined);
  return err({
    code: 'bls.self-test',
    message:
      'the BLS library gave a wrong answer to its self-test; reinstall `@chainsafe/blst`, and suspect the hardware if that does not help',
  });
}

function constant(length: number, text: string): Hex {
  if (isHexOf(length, text)) return text;
  throw new Error('a constant of the self-test is damaged');
}
