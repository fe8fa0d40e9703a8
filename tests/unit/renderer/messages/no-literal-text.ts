import { parse } from 'svelte/compiler';

/** Attributes whose value a person sees or hears. */
const SPOKEN = new Set([
  'alt',
  'aria-description',
  'aria-label',
  'aria-placeholder',
  'aria-roledescription',
  'aria-valuetext',
  'description',
  'endLabel',
  'hint',
  'label',
  'placeholder',
  'startLabel',
  'text',
  'title',
  'valueText',
]);
const LETTERS = /\p{L}{2}/u;

type Node = { type: string } & Record<string, unknown>;
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

/**
 * Texts of a component that do not come from the message files: words between tags, in attributes that are seen or
 * heard, and strings in expressions that are drawn (`{open ? 'Close' : 'Open'}`).
 */
export function literalTexts(source: string): string[] {
  const found: string[] = [];
  visit(parse(source, { modern: true }).fragment as unknown as Node, found);
  return found;
}

function visit(node: Node, found: string[]): void {
  if (node.type === 'Text') note(String(node.data), found);
  else if (node.type === 'ExpressionTag') noteExpression(node.expression, found);
  else if (node.type === 'Attribute') visitAttribute(node, found);
  else if (node.type === 'StyleDirective' || node.type === 'OnDirective') return;
  else for (const child of childrenOf(node)) visit(child, found);
}

function visitAttribute(node: Node, found: string[]): void {
  if (!SPOKEN.has(String(node.name))) return;
  for (const part of [node.value].flat()) if (isNode(part)) visit(part, found);
}

/** Strings that an expression may give: itself, both ends of a choice, template texts. Arguments of calls are not. */
function noteExpression(expression: unknown, found: string[]): void {
  if (!isNode(expression)) return;
  const { type } = expression;
  if (type === 'Literal' && typeof expression.value === 'string') note(expression.value, found);
  else if (type === 'TemplateLiteral')
    for (const part of expression.quasis as { value: { cooked: string } }[]) note(part.value.cooked, found);
  else if (type === 'ConditionalExpression')
    [expression.consequent, expression.alternate].forEach((one) => noteExpression(one, found));
  else if (type === 'LogicalExpression' || type === 'BinaryExpression')
    [expression.left, expression.right].forEach((one) => noteExpression(one, found));
}

function note(text: string, found: string[]): void {
  if (LETTERS.test(text)) found.push(text.trim());
}

/** What is drawn inside of a node; not its expressions, its script or its style. */
function childrenOf(node: Node): Node[] {
  const keys = [
    'nodes',
    'fragment',
    'body',
    'consequent',
    'alternate',
    'fallback',
    'pending',
    'then',
    'catch',
    'attributes',
  ];
  return keys.flatMap((key) => [node[key]].flat()).filter(isNode);
}
