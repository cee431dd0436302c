// The resources as an SDK's type declarations have them.

import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'

import ts from 'typescript'

/** Members that say which record it is, or that the SDK adds to all. */
const IDENTITY = ['id', 'type']

/**
 * By resource type (`orders`), for each of its interfaces (`''`, `Create`, `Update`) the members with their
 * kinds: `string`, `number`, `boolean`, `object`, `array`, `to one`, `to many`.
 */
export function publishedResources(name) {
  const { interfaces, types } = declarationsOf(name)
  const found = {}
  for (const [alias, type] of Object.entries(types)) {
    const resource = alias.replace(/Type$/, '')
    if (!interfaces[resource]) continue
    const kinds = (suffix) => interfaces[resource + suffix] && membersOf(resource + suffix, interfaces)
    found[type] = { '': kinds(''), Create: kinds('Create'), Update: kinds('Update') }
  }
  assert.ok(Object.keys(found).length > 50, `${name} declares too few resources`)
  return found
}

/** All interfaces by name, and the texts that `type OrderType = 'orders'` and its like stand for. */
function declarationsOf(name) {
  const folder = new URL(`node_modules/${name}/lib/`, import.meta.url)
  const interfaces = {}
  const types = {}
  for (const file of readdirSync(folder).filter((it) => it.endsWith('.d.ts'))) {
    const source = ts.createSourceFile(file, readFileSync(new URL(file, folder), 'utf8'), ts.ScriptTarget.Latest)
    for (const it of source.statements) {
      if (ts.isInterfaceDeclaration(it)) interfaces[it.name.text] ??= it
      const isText = ts.isTypeAliasDeclaration(it) && ts.isLiteralTypeNode(it.type) && ts.isStringLiteral(it.type.literal)
      if (isText) types[it.name.text] = it.type.literal.text
    }
  }
  return { interfaces, types }
}

/** The members of an interface and of those that it extends. */
function membersOf(name, interfaces) {
  const found = {}
  const it = interfaces[name]
  if (!it) return found
  for (const { types } of it.heritageClauses ?? []) {
    for (const { expression } of types) Object.assign(found, membersOf(expression.text, interfaces))
  }
  for (const member of it.members.filter(ts.isPropertySignature)) {
    if (!IDENTITY.includes(member.name.text)) found[member.name.text] = kindOf(member.type)
  }
  return found
}

/** The kind of the values that are not null; of several all are alike, whatever they are called. */
function kindOf(type) {
  const parts = (ts.isUnionTypeNode(type) ? [...type.types] : [type]).filter((it) => !isNull(it))
  const kinds = new Set(parts.map(kindOfOne))
  assert.equal(kinds.size, 1, [...kinds].join())
  return [...kinds][0]
}

function isNull(type) {
  return ts.isLiteralTypeNode(type) && type.literal.kind === ts.SyntaxKind.NullKeyword
}

function kindOfOne(type) {
  switch (type.kind) {
    case ts.SyntaxKind.StringKeyword:
    case ts.SyntaxKind.LiteralType:
      return 'string'
    case ts.SyntaxKind.NumberKeyword:
      return 'number'
    case ts.SyntaxKind.BooleanKeyword:
      return 'boolean'
    case ts.SyntaxKind.ArrayType:
      return kindOfOne(type.elementType) === 'to one' ? 'to many' : 'array'
    case ts.SyntaxKind.ParenthesizedType:
      return kindOf(type.type)
    case ts.SyntaxKind.TypeReference:
      return { Record: 'object', Metadata: 'object', Array: 'array' }[type.typeName.text] ?? 'to one'
    default:
      throw new Error(`no kind of type ${ts.SyntaxKind[type.kind]}`)
  }
}
