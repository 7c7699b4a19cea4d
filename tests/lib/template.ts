import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { Settings } from '#lib/settings.ts';
import { createApp } from '#lib/synth.ts';

// Using a deprecated property of the CDK throws here, so that it never becomes a warning at deployment.
process.env.JSII_DEPRECATED = 'fail';

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON, and each test looks only where the template's schema says.
export type Json = any;
export type Resource = {
  Type: string;
  Properties: Json;
  Metadata: Json;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
};

/** A template that tests can query. Nothing is bundled: the code of a function is its name. */
export class StackTemplate {
  readonly json: Json;
  readonly terminationProtection: boolean;
  readonly stackName: string;

  constructor(context: Record<string, unknown> = {}, settings: Partial<Settings> = {}) {
    const outDir = mkdtempSync(join(tmpdir(), 'zhihui-stack-'));
    try {
      const { stack } = createApp({
        code: (functionName) => Code.fromInline(functionName),
        context,
        settings,
        outDir,
      });
      this.json = Template.fromStack(stack).toJSON();
      this.terminationProtection = stack.terminationProtection;
      this.stackName = stack.stackName;
    } finally {
      rmSync(outDir, { recursive: true });
    }
  }

  /** All resources of a type by logical id. */
  all(type: string): [id: string, resource: Resource][] {
    return Object.entries<Resource>(this.json.Resources).filter(([, { Type }]) => Type === type);
  }

  get(id: string): Resource {
    return this.json.Resources[id];
  }

  /** The logical id at a construct path below the stack. */
  idAt(path: string): string {
    const wanted = `Zhihui/${path}/Resource`;
    const found = Object.entries<Resource>(this.json.Resources).find(
      ([, { Metadata }]) => Metadata?.['aws:cdk:path'] === wanted,
    );
    if (found === undefined) throw new Error(`template: no resource at ${wanted}`);
    return found[0];
  }

  /** The construct path, below the stack, of the resource with a logical id. */
  pathOf(id: string): string {
    return this.get(id).Metadata['aws:cdk:path'].replace(/^Zhihui\/|\/Resource$/g, '');
  }

  /** The content of a dashboard at a construct path, as text, with construct paths in place of references. */
  dashboardText(path: string): string {
    const [separator, parts] = this.get(this.idAt(path)).Properties.DashboardBody['Fn::Join'];
    const textOf = (part: Json): string => {
      if (typeof part === 'string') return part;
      const id = part.Ref ?? part['Fn::GetAtt'][0];
      return id in this.json.Resources ? this.pathOf(id) : id;
    };
    return parts.map(textOf).join(separator);
  }

  /** Every function, with the name of its folder in lambdas/. */
  functions(): { name: string; id: string; properties: Json }[] {
    return this.all('AWS::Lambda::Function').map(([id, { Properties: properties }]) => ({
      name: properties.Code.ZipFile,
      id,
      properties,
    }));
  }

  /**
   * Every queue that a function processes, with the function and the mapping. A function's main queue comes before its
   * other ones, which `isSide` marks.
   */
  workers(): { name: string; properties: Json; mapping: Json; queue: Json; isSide: boolean }[] {
    return this.functions().flatMap(({ name, id, properties }) => {
      const mappings = this.all('AWS::Lambda::EventSourceMapping').filter(
        ([, mapping]) => mapping.Properties.FunctionName.Ref === id,
      );
      return mappings.map(([, { Properties: mapping }], i) => {
        const queue = this.get(mapping.EventSourceArn['Fn::GetAtt'][0]).Properties;
        return { name, properties, mapping, queue, isSide: i > 0 };
      });
    });
  }

  /** What a function's role may do: actions, sorted, by the construct path of the resource they are allowed on. */
  grantsOf(name: string): Record<string, string[]> {
    const { properties } = this.functions().find((candidate) => candidate.name === name)!;
    const roleId = properties.Role['Fn::GetAtt'][0];
    if (this.get(roleId).Properties.ManagedPolicyArns !== undefined) {
      throw new Error(`function ${name}: expected no managed policy`);
    }
    const grants: Record<string, string[]> = {};
    for (const [, policy] of this.all('AWS::IAM::Policy')) {
      if (!policy.Properties.Roles.some((role: Json) => role.Ref === roleId)) continue;
      for (const { Action, Resource } of policy.Properties.PolicyDocument.Statement) {
        for (const resource of [Resource].flat()) {
          const [whole, rest = ''] = resource['Fn::Join']?.[1] ?? [resource];
          const path = this.pathOf(whole.Ref ?? whole['Fn::GetAtt'][0]) + rest;
          grants[path] = [...(grants[path] ?? []), ...[Action].flat()].sort();
        }
      }
    }
    return grants;
  }
}
