// SPDX-License-Identifier: GPL-2.0-only
// The red-black tree of Cormen et al., chapter 13, as the book has it: sentinel, transplant, successor = leftmost
// of the right subtree. Only its shapes matter; it must share nothing with impl/structures/rb-tree.ts.

interface Node {
  key: number;
  red: boolean;
  parent: Node;
  left: Node;
  right: Node;
}

export class TextbookTree {
  private readonly nil: Node;
  private root: Node;

  constructor() {
    const nil = { key: Number.NaN, red: false } as Node;
    nil.parent = nil;
    nil.left = nil;
    nil.right = nil;
    this.nil = nil;
    this.root = nil;
  }

  /** RB-INSERT and RB-INSERT-FIXUP. Keys are distinct. */
  insert(key: number): void {
    let y = this.nil;
    for (let x = this.root; x !== this.nil; x = key < x.key ? x.left : x.right) y = x;
    const added: Node = { key, red: true, parent: y, left: this.nil, right: this.nil };
    if (y === this.nil) this.root = added;
    else if (key < y.key) y.left = added;
    else y.right = added;

    let z = added;
    while (z.parent.red) {
      const grand = z.parent.parent;
      if (z.parent === grand.left) {
        const uncle = grand.right;
        if (uncle.red) {
          z = this.recolour(z, uncle);
        } else {
          if (z === z.parent.right) {
            z = z.parent;
            this.rotateLeft(z);
          }
          z.parent.red = false;
          z.parent.parent.red = true;
          this.rotateRight(z.parent.parent);
        }
      } else {
        const uncle = grand.left;
        if (uncle.red) {
          z = this.recolour(z, uncle);
        } else {
          if (z === z.parent.left) {
            z = z.parent;
            this.rotateRight(z);
          }
          z.parent.red = false;
          z.parent.parent.red = true;
          this.rotateLeft(z.parent.parent);
        }
      }
    }
    this.root.red = false;
  }

  /** RB-DELETE. */
  delete(key: number): void {
    let z = this.root;
    while (z !== this.nil && z.key !== key) z = key < z.key ? z.left : z.right;
    if (z === this.nil) throw new Error(`no key ${key}`);
    let removedRed = z.red;
    let x: Node;
    if (z.left === this.nil) {
      x = z.right;
      this.transplant(z, z.right);
    } else if (z.right === this.nil) {
      x = z.left;
      this.transplant(z, z.left);
    } else {
      let y = z.right;
      while (y.left !== this.nil) y = y.left;
      removedRed = y.red;
      x = y.right;
      if (y.parent === z) x.parent = y;
      else {
        this.transplant(y, y.right);
        y.right = z.right;
        y.right.parent = y;
      }
      this.transplant(z, y);
      y.left = z.left;
      y.left.parent = y;
      y.red = z.red;
    }
    if (!removedRed) this.deleteFixup(x);
  }

  /** The same drawing as World.shape(). */
  shape(): string {
    const draw = (node: Node): string =>
      node === this.nil ? "." : `(${draw(node.left)} ${node.key}${node.red ? "r" : "b"} ${draw(node.right)})`;
    return draw(this.root);
  }

  private recolour(z: Node, uncle: Node): Node {
    z.parent.red = false;
    uncle.red = false;
    z.parent.parent.red = true;
    return z.parent.parent;
  }

  private deleteFixup(from: Node): void {
    let x = from;
    while (x !== this.root && !x.red) {
      if (x === x.parent.left) {
        let w = x.parent.right;
        if (w.red) {
          w.red = false;
          x.parent.red = true;
          this.rotateLeft(x.parent);
          w = x.parent.right;
        }
        if (!w.left.red && !w.right.red) {
          w.red = true;
          x = x.parent;
        } else {
          if (!w.right.red) {
            w.left.red = false;
            w.red = true;
            this.rotateRight(w);
            w = x.parent.right;
          }
          w.red = x.parent.red;
          x.parent.red = false;
          w.right.red = false;
          this.rotateLeft(x.parent);
          x = this.root;
        }
      } else {
        let w = x.parent.left;
        if (w.red) {
          w.red = false;
          x.parent.red = true;
          this.rotateRight(x.parent);
          w = x.parent.left;
        }
        if (!w.left.red && !w.right.red) {
          w.red = true;
          x = x.parent;
        } else {
          if (!w.left.red) {
            w.right.red = false;
            w.red = true;
            this.rotateLeft(w);
            w = x.parent.left;
          }
          w.red = x.parent.red;
          x.parent.red = false;
          w.left.red = false;
          this.rotateRight(x.parent);
          x = this.root;
        }
      }
    }
    x.red = false;
  }

  private transplant(u: Node, v: Node): void {
    if (u.parent === this.nil) this.root = v;
    else if (u === u.parent.left) u.parent.left = v;
    else u.parent.right = v;
    v.parent = u.parent;
  }

  private rotateLeft(x: Node): void {
    const y = x.right;
    x.right = y.left;
    if (y.left !== this.nil) y.left.parent = x;
    this.transplant(x, y);
    y.left = x;
    x.parent = y;
  }

  private rotateRight(x: Node): void {
    const y = x.left;
    x.left = y.right;
    if (y.right !== this.nil) y.right.parent = x;
    this.transplant(x, y);
    y.right = x;
    x.parent = y;
  }
}
