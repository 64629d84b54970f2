# ruff: noqa: N815, PLW2901, SIM102 (ast names the visitors)
"""The rewriting of a program's syntax tree: probes around the accesses, the meaning unchanged.

A probe is a constant of the code, put in place of a marker string after compilation, so no name is added to the
program. Where an operand is evaluated a second time it is a name or a constant.
"""

from __future__ import annotations

import ast
import symtable
import types
import warnings
from typing import Any, cast

from gofer.race.probes import Probe
from gofer.race.scopes import Scopes

MARK = "\x00gofer probe "
METHODS = {
    "append", "extend", "insert", "remove", "clear", "sort", "reverse", "update", "popitem", "add", "discard", "pop",
    "difference_update", "intersection_update", "symmetric_difference_update", "extendleft", "rotate", "appendleft",
    "popleft", "move_to_end", "get", "setdefault", "keys", "values", "items", "copy", "index", "count", "join",
    "union", "intersection", "difference", "symmetric_difference", "issubset", "issuperset", "isdisjoint",
    "setitem", "getitem", "delitem", "__setitem__", "__getitem__", "__delitem__", "__len__", "__contains__",
    "__iadd__", "__ior__", "frombytes", "fromlist", "tolist", "tobytes",
}  # fmt: skip
FUNCTIONS = {
    "len", "sorted", "sum", "min", "max", "any", "all", "list", "tuple", "set", "frozenset", "dict", "str", "repr",
    "print", "bytes", "bool", "iter", "reversed", "enumerate", "zip", "map", "filter", "format", "next", "bytearray",
    "getattr", "setattr", "delattr", "hasattr",
}  # fmt: skip
COMPREHENSIONS = {
    ast.ListComp: "listcomp", ast.SetComp: "setcomp", ast.DictComp: "dictcomp", ast.GeneratorExp: "genexpr",
}  # fmt: skip


class Rewriter(ast.NodeTransformer):
    """Rewrites one module; `probes` are the constants for its markers."""

    def __init__(self, scopes: Scopes) -> None:
        self.scopes = scopes
        self.table: symtable.SymbolTable = scopes.top
        self.owner = ""
        self.classes: list[str] = []
        self.probes: list[Any] = []

    # -- building --

    def probe(self, method: str, at: ast.AST, *args: ast.expr, **fields: Any) -> ast.Call:
        """A call of a new probe's method at the place of a node."""
        value = getattr(Probe(fields.get("name", ""), fields.get("write", False), fields.get("extra", "")), method)
        self.probes.append(value)
        mark = ast.Constant(MARK + str(len(self.probes) - 1))
        call = ast.Call(func=mark, args=list(args), keywords=[])
        ast.copy_location(mark, at)
        ast.copy_location(call, at)
        return call

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
        kind = self.scopes.kind(self.table, self.mangled(name))
        if kind == "global":
            return self.probe("module_variable", value, value, name=self.mangled(name), write=write)
        if kind == "cell":
            return self.probe("variable", value, value, name=self.mangled(name), write=write, extra=self.owner)
        return value

    # -- scopes --

    def scoped(self, name: str, node: Any, fields: list[str]) -> None:
        """Visits fields of a node in the scope that it opens."""
        table = self.scopes.find(name, node.lineno)
        outer, owner = self.table, self.owner
        if table is not None:
            self.table, self.owner = table, owner if isinstance(node, ast.ClassDef) else name
            for field in fields:
                self.visit_field(node, field)
        self.table, self.owner = outer, owner

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
        if getattr(node, "type_params", None):
            return node
        self.scoped(node.name, node, ["body"])
        if node.name == "__del__" and node.args.args:
            first = node.body[0]
            me = ast.copy_location(ast.Name(node.args.args[0].arg, ast.Load()), first)
            node.body.insert(0, ast.copy_location(ast.Expr(self.probe("dying", first, me)), first))
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        node.args.defaults = [self.visit(item) for item in node.args.defaults]
        self.scoped("lambda", node, ["body"])
        return node

    def visit_ClassDef(self, node: Any) -> Any:
        node.decorator_list = [self.visit(item) for item in node.decorator_list]
        node.bases = [self.visit(item) for item in node.bases]
        if getattr(node, "type_params", None):
            return node
        self.classes.append(node.name)
        self.scoped(node.name, node, ["body"])
        self.classes.pop()
        return node

    def comprehension(self, node: Any) -> Any:
        first = node.generators[0]
        first.iter = self.looped(first, self.visit(first.iter))
        table = self.scopes.find(COMPREHENSIONS[type(node)], node.lineno)
        if table is None:
            return node
        outer, self.table = self.table, table
        for field in ("elt", "key", "value"):
            if hasattr(node, field):
                setattr(node, field, self.visit(getattr(node, field)))
        for number, part in enumerate(node.generators):
            if number:
                part.iter = self.looped(part, self.visit(part.iter))
            part.ifs = [self.test(item) for item in part.ifs]
        self.table = outer
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = comprehension

    def looped(self, node: Any, value: ast.expr) -> ast.expr:
        return value if getattr(node, "is_async", False) else self.probe("loop", value, value)

    # -- expressions --

    def visit_Name(self, node: ast.Name) -> Any:
        return self.variable(node.id, node, False) if isinstance(node.ctx, ast.Load) else node

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        node.value = self.visit(node.value)
        if is_super(node.value):
            return node
        write = not isinstance(node.ctx, ast.Load)
        node.value = self.probe("attr", node, node.value, name=self.mangled(node.attr), write=write)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        if isinstance(node.ctx, ast.Load):
            if isinstance(node.slice, ast.Slice):
                return self.generic_visit(node) if not self.sliced(node) else node
            target, key = self.visit(node.value), self.visit(node.slice)
            return self.probe("get", node, target, key)
        write = None if isinstance(node.ctx, ast.Del) else True
        if isinstance(node.slice, ast.Slice):
            return node if self.sliced(node, "resize") else self.generic_visit(node)
        if self.simple(node.slice):
            again = self.again(node.slice)
            node.value = self.probe("place", node, self.visit(node.value), again, write=write)
            node.slice = self.visit(node.slice)
            return node
        if isinstance(node.value, ast.Name) and self.simple(node.value):
            node.slice = self.probe("key", node, self.again(node.value), self.visit(node.slice), write=write)
            node.value = self.visit(node.value)
            return node
        return self.generic_visit(node)

    def sliced(self, node: ast.Subscript, write: Any = False) -> bool:
        """Probes a slice whose bounds are simple; false when they are not."""
        bounds = cast(ast.Slice, node.slice)
        parts = [bounds.lower, bounds.upper, bounds.step]
        if not all(part is None or self.simple(part) for part in parts):
            return False
        again = [ast.copy_location(ast.Constant(None), node) if part is None else self.again(part) for part in parts]
        node.value = self.probe("part", node, self.visit(node.value), *again, write=write)
        return True

    def visit_Call(self, node: ast.Call) -> Any:
        function = node.func
        named = isinstance(function, ast.Attribute) and function.attr in METHODS
        plain = isinstance(function, ast.Name) and (function.id in FUNCTIONS or self.stored(function.id))
        if is_super(node):
            return node
        self.generic_visit(node)
        if not (named or plain):
            return node
        if is_super(getattr(function, "value", node)):
            return node
        call = self.probe("call", node, node.func, *node.args)
        call.keywords = node.keywords
        return call

    def stored(self, name: str) -> bool:
        """Whether a called name is a variable that may hold a bound method, and no function of the module."""
        try:
            symbol = self.table.lookup(name)
        except KeyError:
            return False
        return symbol.is_assigned() and not symbol.is_namespace() and not symbol.is_imported() and symbol.is_local()

    def visit_Compare(self, node: ast.Compare) -> Any:
        self.generic_visit(node)
        if any(isinstance(op, (ast.In, ast.NotIn)) for op in node.ops) and len(node.ops) == 1:
            right = node.comparators[0]
            if not isinstance(right, (ast.Constant, ast.Tuple)):
                node.comparators = [self.probe("inside", right, right)]
        elif len(node.ops) == 1 and not isinstance(node.ops[0], (ast.Is, ast.IsNot)):
            if not isinstance(node.left, ast.Constant) and not isinstance(node.comparators[0], ast.Constant):
                node.left = self.probe("read_all", node.left, node.left)
                node.comparators = [self.probe("read_all", node.comparators[0], node.comparators[0])]
        return node

    def test(self, node: ast.expr) -> ast.expr:
        """A value of which only the truth counts."""
        value = self.visit(node)
        plain = isinstance(node, (ast.Name, ast.Attribute))
        return self.probe("size", value, value) if plain else cast(ast.expr, value)

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
        node.targets = [self.visit(target) for target in node.targets]
        stores = [part for target in node.targets for part in self.stores(target)]
        return [node, *stores] if stores else node

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
        target, value = node.target, self.visit(node.value)
        if isinstance(target, ast.Name):
            if self.table.get_type() != "class":
                held = self.variable(target.id, self.again(target), False)
                value = self.variable(target.id, self.probe("in_place", value, held, value), True)
        elif isinstance(target, ast.Attribute):
            name, owner = self.mangled(target.attr), target.value
            if self.simple(owner):
                value = self.probe("attr_late", node, self.again(owner), value, name=name)
                target.value = self.probe("attr", target, self.visit(owner), name=name)
            else:
                target.value = self.probe("attr_both", target, self.visit(owner), name=name)
        elif isinstance(target, ast.Subscript):
            if self.simple(target.value) and self.simple(target.slice):
                owner, key = self.again(target.value), self.again(target.slice)
                value = self.probe("place_late", node, owner, key, value)
                key = self.again(target.slice)
                target.value = self.probe("place", target, self.visit(target.value), key, write=False)
                target.slice = self.visit(target.slice)
            else:
                target.value, target.slice = self.visit(target.value), self.visit(target.slice)
                if isinstance(target.slice, ast.Constant):
                    key = self.again(target.slice)
                    target.value = self.probe("place_both", target, target.value, key)
        node.value = value
        return node

    def visit_For(self, node: ast.For) -> Any:
        node.iter = self.looped(node, self.visit(node.iter))
        node.target = self.visit(node.target)
        for field in ("body", "orelse"):
            self.visit_field(node, field)
        stores = self.store(node.target) if isinstance(node.target, ast.Name) else self.stores(node.target)
        node.body[:0] = stores
        return node

    def visit_While(self, node: ast.While | ast.If) -> Any:
        node.test = self.test(node.test)
        for field in ("body", "orelse"):
            self.visit_field(node, field)
        return node

    visit_If = visit_While

    def visit_Delete(self, node: ast.Delete) -> Any:
        before = [part for target in node.targets if isinstance(target, ast.Name) for part in self.store(target)]
        self.generic_visit(node)
        return [*before, node] if before else node

    def visit_arguments(self, node: ast.arguments) -> Any:
        return node

    def visit_pattern(self, node: ast.AST) -> Any:
        return node

    visit_MatchValue = visit_MatchClass = visit_MatchMapping = visit_pattern
    visit_MatchSequence = visit_MatchOr = visit_MatchAs = visit_pattern
    visit_TypeAlias = visit_pattern
    visit_TemplateStr = visit_pattern


def is_super(node: ast.AST) -> bool:
    """Whether a node is `super(...)`, which is left alone."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def filled(code: types.CodeType, probes: list[Any]) -> types.CodeType:
    """The code with probes where markers were."""
    constants = []
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            constant = filled(constant, probes)
        elif isinstance(constant, str) and constant.startswith(MARK):
            constant = probes[int(constant[len(MARK) :])]
        constants.append(constant)
    return code.replace(co_consts=tuple(constants))


def compile_instrumented(source: str, filename: str) -> types.CodeType:
    """The code of a module with probes in it; plain code where the source cannot be rewritten."""
    tree = ast.parse(source, filename)
    rewriter = Rewriter(Scopes(source, filename))
    rewriter.visit(tree)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        code = compile(tree, filename, "exec", dont_inherit=True)
    return filled(code, rewriter.probes)
