/** A part of the API's description. A world that has routes brings one. */
import type { z } from 'zod';

export interface ApiSection {
  readonly name: string;
  readonly about: string;
  readonly operations: readonly ApiOperation[];
}

export interface ApiOperation {
  readonly method: 'get' | 'post' | 'delete';
  /** As Express has it: `/admin/v1/jobs/:job`. */
  readonly path: string;
  readonly title: string;
  readonly about?: string;
  /** `open` to everyone; to `callers` that may; to the `operator`. */
  readonly access: 'open' | 'callers' | 'operator';
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Whether each request is a job, which has an id and can be asked for again by one of the caller's. */
  readonly isJob?: true;
  /** What is answered where all goes well; absent: it never does. */
  readonly reply?: ApiReply;
  /** Statuses of refusals. */
  readonly refusals?: readonly number[];
  /** What each of them holds; absent: a problem (RFC 9457). */
  readonly refusal?: z.ZodType;
}

export interface ApiReply {
  readonly about: string;
  /** Absent: 200. */
  readonly status?: number;
  /** A schema for JSON; absent: some JSON object, and with another status than 200 nothing. */
  readonly schema?: z.ZodType;
  /** Another media type than JSON. */
  readonly type?: string;
  /** Whether it is a text where the caller accepts no JSON. */
  readonly orText?: true;
}
