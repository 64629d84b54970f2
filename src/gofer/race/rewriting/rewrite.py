# ruff: noqa: N815, SIM102 (ast names the visitors)
"""The rewriting of a program's syntax tree: probes around the accesses, the meaning unchanged.

A probe is a constant of the code, put in place of a marker string after compilation, so no name is added to the
program. Where an operand is evaluated a second time it is a name or a constant.
"""

from __future__ import annotations

import ast
import symtable
import sys
from collections.abc import Sequence
from typing import Any, cast

from gofer.race.effects.probes import Probe, function_at
from gofer.race.rewriting.imports import Imported, Lazy, lazily, loaded
from gofer.race.rewriting.names import FUNCTIONS, METHODS, SEEN_THROUGH, SOME
from gofer.race.rewriting.scopes import Scopes, names_captured, settled
from gofer.race.rewriting.sites import Matching, Site, Text, delegated, plan_of, unpacking

MARK = "\x00gofer probe "
TEXT = "<string>"  # the file of what is given to `exec` and `eval`, which is no module
FRESH = (
    ast.Constant, ast.BinOp, ast.JoinedStr, ast.Starred, ast.Compare, ast.UnaryOp,
    ast.List, ast.Dict, ast.Set, ast.Tuple, ast.ListComp, ast.SetComp, ast.DictComp,
)  # fmt: skip
NAMELESS = symtable.symtable("", "", "exec")  # for a scope of which the compiler says nothing


class Rewriter(ast.NodeTransformer):
    """Rewrites one module; `probes` are the constants for its markers."""

    def __init__(self, scopes: Scopes, filename: str = "") -> None:
        self.scopes = scopes
        self.filename = filename
        self.modules: set[str] = set()
        self.library: set[str] = set()
        self.fragile: set[str] = set()
        self.kept: set[str] = set()
        self.lazy: dict[str, Lazy] = {}
        self.table: symtable.SymbolTable = scopes.top
        self.classes: list[str] = []
        self.probes: list[Any] = []

    # -- building --

    def probe(self, method: str, at: ast.AST, *args: ast.expr, **fields: Any) -> ast.Call:
        """A call of a new probe's method at the place of a node."""
        self.probes.append(function_at(method, Probe(**fields)))
        return self.marked(at, args)

    def call_of(self, function: Any, at: ast.AST, *args: ast.expr) -> ast.Call:
        """A call of a function that becomes a constant of the code."""
        self.probes.append(function)
        return self.marked(at, args)

    def marked(self, at: ast.AST, args: Sequence[ast.expr]) -> ast.Call:
        mark = ast.Constant(MARK + str(len(self.probes) - 1))
        ast.copy_location(mark, at)
        return ast.copy_location(ast.Call(func=mark, args=list(args), keywords=[]), at)

    def mangled(self, name: str) -> str:
        """The name as the compiler spells it inside a class."""
        if self.classes and name.startswith("__") and not name.endswith("__") and self.classes[-1].strip("_"):
            return "_" + self.classes[-1].lstrip("_") + name
        return name

    def again(self, node: ast.expr) -> ast.expr:
        """A second evaluation of a name or constant, without probes."""
        if isinstance(node, ast.Constant):
            return ast.copy_location(ast.Constant(node.value), node)
        return ast.copy_location(ast.Name(cast(ast.Name, node).id, ast.Load()), node)

    def simple(self, node: ast.expr) -> bool:
        return isinstance(node, (ast.Name, ast.Constant)) and self.table.get_type() != "class"

    def variable(self, name: str, value: ast.expr, write: bool) -> ast.expr:
        """`value`, with the access to the variable recorded where it is shared."""
        name = self.mangled(name)
        kind = self.scopes.kind(self.table, name)
        if not kind:
            return value
        if not write and isinstance(value, ast.Name) and self.may_be_unbound(name, kind):
            nothing = ast.copy_location(ast.Constant(None), value)
            first = self.named(kind, name, nothing, write)
            return ast.copy_location(ast.IfExp(first, nothing, value), value)
        return self.named(kind, name, value, write)

    def named(self, kind: str, name: str, value: ast.expr, write: bool) -> ast.expr:
        if kind == "global":
            return self.probe("module_variable", value, value, name=name, write=write)
        owner = self.scopes.owner(self.table, name)
        return self.probe("variable", value, value, name=name, write=write, extra=owner)

    def may_be_unbound(self, name: str, kind: str) -> bool:
        """True if reading the name may raise: then the probe comes before it, or the read would not be seen."""
        return kind == "cell" or name in self.fragile or name not in self.scopes.given

    # -- scopes --

    def scoped(self, node: Any) -> None:
        """Visits the body of a node in the scope that it opens."""
        outer, self.table = self.table, self.scopes.of.get(node, NAMELESS)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self.scopes.settled[self.table.get_id()] = settled(node)
        self.visit_field(node, "body")
        self.table = outer

    def visit_field(self, node: Any, field: str) -> None:
        value = getattr(node, field)
        if isinstance(value, list):
            value[:] = [part for item in value for part in self.visited(item)]
        elif isinstance(value, ast.AST):
            setattr(node, field, self.visit(value))

    def visited(self, item: ast.AST) -> list[ast.AST]:
        result = self.visit(item)
        return result if isinstance(result, list) else [result]

    def visit_FunctionDef(self, node: Any) -> Any:
        node.decorator_list = [self.visit(item) for item in node.decorator_list]
        node.args.defaults = [self.visit(item) for item in node.args.defaults]
        node.args.kw_defaults = [item and self.visit(item) for item in node.args.kw_defaults]
        documented = ast.get_docstring(node, clean=False) is not None
        described = node.body[:1] if documented else []
        node.body = node.body[len(described) :]
        self.scoped(node)
        if node.name == "__del__" and node.args.args:
            first = node.body[0] if node.body else described[0]
            me = ast.copy_location(ast.Name(node.args.args[0].arg, ast.Load()), first)
            node.body.insert(0, ast.copy_location(ast.Expr(self.probe("dying", first, me)), first))
        node.body[:0] = described
        return self.followed(node, node.name)

    def followed(self, node: ast.stmt, *names: str) -> Any:
        """A statement that binds names, and the records of those that are shared."""
        stores = [part for name in names for part in self.store(ast.copy_location(ast.Name(name, ast.Store()), node))]
        return [node, *stores] if stores else node

    def visit_Import(self, node: Any) -> Any:
        names = [item.asname or item.name.partition(".")[0] for item in node.names if item.name != "*"]
        if getattr(node, "module", None) == "__future__":
            return node
        stores = self.followed(node, *names)
        if getattr(node, "is_lazy", 0):
            return stores
        imported = Imported(node)
        edge = ast.copy_location(ast.Expr(self.call_of(imported.seen, node)), node)
        return [node, edge, *(stores[1:] if isinstance(stores, list) else [])]

    visit_ImportFrom = visit_Import

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        node.args.defaults = [self.visit(item) for item in node.args.defaults]
        node.args.kw_defaults = [item and self.visit(item) for item in node.args.kw_defaults]
        self.scoped(node)
        return node

    def visit_ClassDef(self, node: Any) -> Any:
        node.decorator_list = [self.visit(item) for item in node.decorator_list]
        outer = self.table
        if getattr(node, "type_params", None):
            self.table = self.scopes.around(node, outer)
        for field in ("bases", "keywords"):
            self.visit_field(node, field)
        self.table = outer
        described = node.body[:1] if ast.get_docstring(node, clean=False) is not None else []
        node.body = node.body[len(described) :]
        self.classes.append(node.name)
        self.scoped(node)
        self.classes.pop()
        node.body[:0] = described
        return self.followed(node, node.name)

    def visit_Module(self, node: ast.Module) -> Any:
        described = node.body[:1] if ast.get_docstring(node, clean=False) is not None else []
        node.body = node.body[len(described) :]
        self.survey(node)
        self.visit_field(node, "body")
        node.body[:0] = described
        if node.body and self.filename != TEXT:
            last = node.body[-1]
            node.body.append(ast.copy_location(ast.Expr(self.call_of(loaded, last)), last))
        return node

    def survey(self, tree: ast.Module) -> None:
        """Notes names that are deleted somewhere, attributes that functions are kept in, and what imports bind."""
        self.lazy = lazily(tree)
        for part in ast.walk(tree):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Del):
                self.fragile.add(self.mangled(part.id))
            elif isinstance(part, ast.ExceptHandler) and part.name:
                self.fragile.add(part.name)
            elif isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
                self.kept.add(part.attr)
            elif isinstance(part, ast.Import):
                self.modules |= {item.asname or item.name for item in part.names if item.name in SEEN_THROUGH}
            elif isinstance(part, ast.ImportFrom):
                known = SOME.get(part.module or "", ())
                seen = part.module in SEEN_THROUGH
                self.library |= {item.asname or item.name for item in part.names if seen or item.name in known}

    def comprehension(self, node: Any) -> Any:
        first = node.generators[0]
        first.iter = self.looped(first, self.visit(first.iter), None if isinstance(node, ast.GeneratorExp) else node)
        outer = self.table
        shared = set(names_captured(node))
        self.table = self.scopes.of.get(node, outer)
        for number, part in enumerate(node.generators):
            if number:
                part.iter = self.looped(part, self.visit(part.iter), node)
            stores = [self.bound_anew(name) for name in ast.walk(part.target) if getattr(name, "id", "") in shared]
            part.target = self.visit(part.target)
            part.ifs = [*stores, *[self.test(item) for item in part.ifs]]
        for field in ("value", "key", "elt"):
            if getattr(node, field, None) is not None:
                setattr(node, field, self.visit(getattr(node, field)))
        if isinstance(node, ast.DictComp) and getattr(node, "value", None) is None:  # {**held for held in items}
            node.key = self.read(node.key)
        self.table = outer
        return node

    def bound_anew(self, name: Any) -> ast.expr:
        """A condition that is true, and records that a comprehension binds a name which functions in it share."""
        return self.named("cell", self.mangled(name.id), ast.copy_location(ast.Constant(True), name), True)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = comprehension

    def looped(self, part: Any, value: ast.expr, at_once: Any) -> ast.expr:
        """What a part of a comprehension goes over; at once where it is no generator's first part."""
        if part.is_async:
            return value
        return self.probe("loop", value, value) if at_once is None else self.begun(at_once, value)

    def begun(self, whole: Any, value: ast.expr) -> ast.expr:
        """What a loop goes over, at the place where the compiler says that its `__iter__` is called."""
        return self.probe("each", value if sys.version_info >= (3, 13) else whole, value)

    # -- expressions --

    def visit_Name(self, node: ast.Name) -> Any:
        if not isinstance(node.ctx, ast.Load):
            return node
        value = self.variable(node.id, node, False)
        lazy = self.lazy.get(node.id)
        return value if lazy is None or not self.is_global(node.id) else self.call_of(lazy.used, node, value)

    def is_global(self, name: str) -> bool:
        """True if a name is one of the module's here, or a built-in one."""
        try:
            return self.table.get_type() == "module" or self.table.lookup(name).is_global()
        except KeyError:
            return True

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        node.value = self.visit(node.value)
        if is_super(node.value):
            return node
        write = not isinstance(node.ctx, ast.Load)
        node.value = self.probe("attr", node, node.value, name=self.mangled(node.attr), write=write)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        if isinstance(node.ctx, ast.Load):
            return self.probe("get", node, *self.parts(node))
        if isinstance(node.slice, ast.Slice):
            return self.aimed_slice(node)
        if self.simple(node.slice):
            again = self.again(node.slice)
            node.value = self.probe("place", node, self.visit(node.value), again, write=True)
            node.slice = self.visit(node.slice)
            return node
        if isinstance(node.value, ast.Name) and self.simple(node.value):
            node.slice = self.probe("key", node, self.again(node.value), self.visit(node.slice), write=True)
            node.value = self.visit(node.value)
            return node
        site = Site(True)
        node.value = self.call_of(site.aim, node.value, self.visit(node.value))
        node.slice = self.call_of(site.key, node.slice, self.visit(node.slice))
        return node

    def parts(self, node: ast.Subscript) -> tuple[ast.expr, ast.expr]:
        """The target and the key of a subscript as arguments, in the order in which they are evaluated."""
        target = self.visit(node.value)
        if not isinstance(node.slice, ast.Slice):
            return target, self.visit(node.slice)
        bounds = (node.slice.lower, node.slice.upper, node.slice.step)
        nothing = ast.copy_location(ast.Constant(None), node)
        return target, self.call_of(slice, node, *(self.visit(bound) if bound else nothing for bound in bounds))

    def aimed_slice(self, node: ast.Subscript) -> ast.Subscript:
        """Probes a slice among other targets: the last of its bounds records the access."""
        site = Site("resize")
        bounds = cast(ast.Slice, node.slice)
        node.value = self.call_of(site.aim, node.value, self.visit(node.value))
        names = [name for name in ("lower", "upper", "step") if getattr(bounds, name) is not None]
        site.last = names[-1] if names else ""
        for name in names:
            value = getattr(bounds, name)
            setattr(bounds, name, self.call_of(getattr(site, name), value, self.visit(value)))
        return node

    def visit_Call(self, node: ast.Call) -> Any:
        if is_super(node):
            return node
        function = node.func
        whole, only_callee = self.watched(function)
        compiled = isinstance(function, ast.Name) and function.id in ("exec", "eval") and not self.known(function.id)
        self.generic_visit(node)
        if compiled and node.args and not isinstance(node.args[0], ast.Starred):
            mode = cast(ast.Name, function).id
            node.args[0] = self.call_of(Text(mode).compiled, node.args[0], node.args[0])
        if only_callee:
            node.func = self.probe("callee", node.func, node.func)
        if not whole:
            return node
        call = self.probe("call", node, node.func, *node.args)
        call.keywords = node.keywords
        return call

    def watched(self, function: ast.expr) -> tuple[bool, bool]:
        """True if a call may be of a built-in function by its name; else if it may be of one kept somewhere."""
        if isinstance(function, ast.Attribute):
            owner = function.value
            library = isinstance(owner, ast.Name) and owner.id in self.modules
            if function.attr in METHODS or library:
                return True, False
            return False, function.attr in self.kept
        if isinstance(function, ast.Name):
            if function.id in self.library or (function.id in FUNCTIONS and not self.known(function.id)):
                return True, False
            return False, self.stored(function.id)
        return False, isinstance(function, (ast.Subscript, ast.Call))

    def known(self, name: str) -> bool:
        """True if the module has a name of its own for what is a built-in function elsewhere."""
        return name in self.scopes.given or not self.is_global(name)

    def stored(self, name: str) -> bool:
        """True if a called name is a variable that may hold a bound method, and no function of the module."""
        try:
            symbol = self.table.lookup(name)
        except KeyError:
            return False
        if symbol.is_imported() or symbol.is_namespace():
            return False
        if symbol.is_global() or self.table.get_type() == "module":
            return name in self.scopes.bound
        return True

    def visit_Compare(self, node: ast.Compare) -> Any:
        self.generic_visit(node)
        operands = [node.left, *node.comparators]
        for place, op in enumerate(node.ops):
            left, right = operands[place], operands[place + 1]
            if isinstance(op, (ast.In, ast.NotIn)):
                if not isinstance(right, (ast.Constant, ast.Tuple)):
                    operands[place + 1] = self.probe("inside", right, right)
            elif not isinstance(op, (ast.Is, ast.IsNot)) and not is_literal(left):
                if not is_literal(right):
                    operands[place], operands[place + 1] = self.read(left), self.read(right)
        node.left, node.comparators = operands[0], operands[1:]
        return node

    def test(self, node: ast.expr) -> ast.expr:
        """A value of which only the truth counts."""
        if isinstance(node, ast.BoolOp):
            node.values = [self.test(item) for item in node.values]
            return node
        value = self.visit(node)
        plain = isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.NamedExpr))
        return self.probe("size", value, value) if plain else cast(ast.expr, value)

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        node.values = [*[self.test(item) for item in node.values[:-1]], self.visit(node.values[-1])]
        return node

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        """An operator may read containers; not where an operand is a number or a string, which most are."""
        formats = isinstance(node.op, ast.Mod) and isinstance(node.left, (ast.Constant, ast.JoinedStr))
        containers = isinstance(node.op, (ast.Add, ast.BitOr, ast.BitAnd, ast.Sub, ast.BitXor))
        containers = containers and not is_number(node.left) and not is_number(node.right)
        self.generic_visit(node)
        if formats and isinstance(node.right, ast.Tuple):
            node.right.elts = [self.read(item) for item in node.right.elts]
        elif formats or containers or isinstance(node.op, ast.Mult):
            node.left, node.right = self.read(node.left), self.read(node.right)
        return node

    def read(self, node: ast.expr) -> ast.expr:
        """A value that is read with everything it holds, unless nobody else can have it yet."""
        return node if isinstance(node, FRESH) else self.probe("read_all", node, node)

    def visit_Dict(self, node: ast.Dict) -> Any:
        self.generic_visit(node)
        node.values = [self.read(v) if k is None else v for k, v in zip(node.keys, node.values, strict=True)]
        return node

    def visit_keyword(self, node: ast.keyword) -> Any:
        node.value = self.visit(node.value)
        if node.arg is None:
            node.value = self.read(node.value)
        return node

    def visit_YieldFrom(self, node: ast.YieldFrom) -> Any:
        node.value = self.visit(node.value)
        node.value = self.call_of(delegated, node.value, node.value)
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        node.operand = self.test(node.operand) if isinstance(node.op, ast.Not) else self.visit(node.operand)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        node.test = self.test(node.test)
        node.body, node.orelse = self.visit(node.body), self.visit(node.orelse)
        return node

    def visit_Starred(self, node: ast.Starred) -> Any:
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            node.value = self.probe("read_all", node.value, node.value)
        return node

    def visit_FormattedValue(self, node: ast.FormattedValue) -> Any:
        self.generic_visit(node)
        node.value = self.probe("read_all", node.value, node.value)
        return node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> Any:
        node.value = self.variable(node.target.id, self.visit(node.value), True)
        return node

    # -- statements --

    def visit_Assign(self, node: ast.Assign) -> Any:
        node.value = self.visit(node.value)
        for target in node.targets:
            if isinstance(target, ast.Name):
                node.value = self.variable(target.id, node.value, True)
            elif isinstance(target, (ast.Tuple, ast.List)) and not isinstance(node.value, ast.Tuple):
                node.value = self.probe("read_all", node.value, node.value)
        if len(node.targets) == 1 and isinstance(node.targets[0], ast.Subscript):
            return self.done("set", node, node.value, *self.parts(node.targets[0]))
        node.targets = [self.visit(target) for target in node.targets]
        stores = [part for target in node.targets for part in self.stores(target)]
        return [node, *stores] if stores else node

    def done(self, method: str, node: ast.stmt, *args: ast.expr, **fields: Any) -> ast.stmt:
        """A statement that is done by a call of a probe."""
        return ast.copy_location(ast.Expr(self.probe(method, node, *args, **fields)), node)

    def stores(self, target: ast.AST) -> list[ast.stmt]:
        """Statements that record the stores to shared names inside a pattern of targets."""
        if not isinstance(target, (ast.Tuple, ast.List)):
            return []
        names = [part for part in ast.walk(target) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
        return [statement for name in names for statement in self.store(name)]

    def store(self, name: ast.Name) -> list[ast.stmt]:
        nothing = ast.copy_location(ast.Constant(None), name)
        record = self.variable(name.id, nothing, True)
        return [] if record is nothing else [ast.copy_location(ast.Expr(record), name)]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if node.value is not None:
            node.value = self.visit(node.value)
            if isinstance(node.target, ast.Name):
                node.value = self.variable(node.target.id, node.value, True)
            else:
                node.target = self.visit(node.target)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        target, operator = node.target, type(node.op).__name__
        if isinstance(target, ast.Name):
            node.value = self.visit(node.value)
            if self.table.get_type() != "class":
                held = self.variable(target.id, self.again(target), False)
                value = self.probe("in_place", node.value, held, node.value)
                node.value = self.variable(target.id, value, True)
            return node
        if isinstance(target, ast.Attribute):
            name = self.mangled(target.attr)
            if self.simple(target.value):
                node.value = self.probe("attr_late", node, self.again(target.value), self.visit(node.value), name=name)
                target.value = self.probe("attr", target, self.visit(target.value), name=name)
                return node
            held = self.probe("attr_held", target, self.visit(target.value), name=name)
            return self.done("attr_augment", node, held, self.visit(node.value), name=name, operator=operator)
        held = self.probe("held", target, *self.parts(target))
        return self.done("augment", node, held, self.visit(node.value), operator=operator)

    def visit_For(self, node: Any) -> Any:
        unpacks = isinstance(node.target, (ast.Tuple, ast.List)) and not isinstance(node.iter, ast.Call)
        node.iter = self.visit(node.iter)
        if isinstance(node, ast.For):
            node.iter = self.begun(node, node.iter)
        if unpacks:
            node.iter = self.call_of(unpacking, node.iter, node.iter)
        node.target = self.visit(node.target)
        for field in ("body", "orelse"):
            self.visit_field(node, field)
        node.body[:0] = self.bound(node.target)
        return node

    visit_AsyncFor = visit_For

    def visit_While(self, node: ast.While | ast.If) -> Any:
        node.test = self.test(node.test)
        for field in ("body", "orelse"):
            self.visit_field(node, field)
        return node

    visit_If = visit_While

    def visit_Delete(self, node: ast.Delete) -> Any:
        return [part for target in node.targets for part in self.deleted(node, target)]

    def deleted(self, node: ast.Delete, target: ast.expr) -> list[ast.stmt]:
        """The statements for one target of a deletion."""
        if isinstance(target, (ast.Tuple, ast.List)):
            return [part for item in target.elts for part in self.deleted(node, item)]
        if isinstance(target, ast.Subscript):
            return [self.done("remove", node, *self.parts(target))]
        before = self.store(target) if isinstance(target, ast.Name) else []
        return [*before, ast.copy_location(ast.Delete([self.visit(target)]), node)]

    def visit_arguments(self, node: ast.arguments) -> Any:
        return node

    def visit_With(self, node: Any) -> Any:
        stores: list[ast.stmt] = []
        for item in node.items:
            item.context_expr = self.visit(item.context_expr)
            if item.optional_vars is not None:
                stores += self.bound(item.optional_vars)
                item.optional_vars = self.visit(item.optional_vars)
        self.visit_field(node, "body")
        node.body[:0] = stores
        return node

    visit_AsyncWith = visit_With

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> Any:
        if node.type is not None:
            node.type = self.visit(node.type)
        self.visit_field(node, "body")
        if node.name:
            last = node.body[-1]
            node.body[:0] = self.store(ast.copy_location(ast.Name(node.name, ast.Store()), node.body[0]))
            node.body += self.store(ast.copy_location(ast.Name(node.name, ast.Store()), last))  # it is deleted
        return node

    def bound(self, target: ast.AST) -> list[ast.stmt]:
        return self.store(target) if isinstance(target, ast.Name) else self.stores(target)

    def visit_Match(self, node: Any) -> Any:
        node.subject = self.visit(node.subject)
        plans = [(plan_of(case.pattern), case.guard is not None) for case in node.cases]
        if any(plan is not None for plan, _ in plans):
            node.subject = self.call_of(Matching(plans).subject, node.subject, node.subject)
        for case in node.cases:
            names = [part for part in ast.walk(case.pattern) if getattr(part, "name", getattr(part, "rest", None))]
            if case.guard is not None:
                case.guard = self.test(case.guard)
            self.visit_field(case, "body")
            first = case.body[0]
            for part in names:
                name = getattr(part, "name", None) or getattr(part, "rest", None)
                case.body[:0] = self.store(ast.copy_location(ast.Name(cast(str, name), ast.Store()), first))
        return node

    def visit_TypeAlias(self, node: ast.AST) -> Any:
        return node

    def visit_Interpolation(self, node: Any) -> Any:
        """A part of a template string: nothing is formatted yet."""
        return self.generic_visit(node)


def is_number(node: ast.AST) -> bool:
    """True if a node is a constant with which no container goes together: bytes go with a bytearray."""
    return isinstance(node, ast.Constant) and not isinstance(node.value, bytes)


def is_literal(node: ast.AST) -> bool:
    """True if what a node is compared with cannot be a container, or has been read already."""
    return is_number(node) or isinstance(node, (ast.BinOp, ast.JoinedStr))


def is_super(node: ast.AST) -> bool:
    """True if a node is `super(...)`, which is left alone."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
