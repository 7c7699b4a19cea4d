/** Synthesizes the template without bundling code. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { Code, type CodeConfig } from 'aws-cdk-lib/aws-lambda';
import { createApp } from './synth.ts';
import { codeKeyOf, type StackTemplate } from './template.ts';

/** Code with a name but no content, so that the template does not depend on the code. */
class NamedCode extends Code {
  readonly isInline = false;
  readonly #key: string;

  constructor(functionName: string) {
    super();
    this.#key = codeKeyOf(functionName);
  }

  override bind(): CodeConfig {
    return { s3Location: { bucketName: 'code', objectKey: this.#key } };
  }
}

/** The template that `cdk deploy` would use with this context, except for the names of its code. */
export const plainTemplate = (context: Readonly<Record<string, unknown>> = {}): StackTemplate => {
  const outDir = mkdtempSync(join(tmpdir(), 'zhihui-template-'));
  try {
    const { stack } = createApp({
      code: (functionName) => new NamedCode(functionName),
      outDir,
      context: { 'aws:cdk:enable-asset-metadata': false, ...context },
    });
    return Template.fromStack(stack).toJSON() as StackTemplate;
  } finally {
    rmSync(outDir, { recursive: true });
  }
};
