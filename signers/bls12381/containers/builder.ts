/** Containers of builder-specs, which are signed for builders and relays, not for the chain. */
import { byteList } from '../ssz/bytes.ts';
import { container } from '../ssz/composite.ts';
import { uint64 } from '../ssz/numbers.ts';
import { blsPubkey, executionAddress } from './primitive.ts';

const MAX_BUILDER_AUTH_DATA_SIZE = 4096;

/** `specs/bellatrix/builder.md`, `ValidatorRegistrationV1`. */
export const ValidatorRegistration = container({
  fee_recipient: executionAddress,
  gas_limit: uint64,
  /** Unix seconds. */
  timestamp: uint64,
  pubkey: blsPubkey,
});

/** `specs/gloas/builder.md`. */
export const BuilderRequestAuth = container({
  data: byteList(MAX_BUILDER_AUTH_DATA_SIZE),
  slot: uint64,
});
