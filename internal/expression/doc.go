// Package expression runs the Python expressions of study configurations: business logic and
// conditions on records.
//
// [Compiler.Compile] reads Python's expression grammar into a tree of Starlark's syntax and builds what
// runs of it. Values are Starlark's, and so are a few methods of text; operators, functions and conversions
// have helpers of their own, which mean what Python means. What is not supported is refused there, with
// line, column and what to write instead. A [Program] is a function of the names that it uses: value, record, payload, context, state,
// baseline and subject_key.
//
// [Runner.Run] evaluates a program with the values that a [Source] gives for its names, within bounds:
// each part at most once, 1 MiB in one value, 8 MiB in all, whole numbers of 4096 bits. Source is at most 4 KiB and
// 60 levels deep. An expression has no access to the host beyond the values that it is given.
//
// The package knows neither records nor what a date is: the [Host] gives both, and converts its own
// values with [Text], [Bool], [Whole], [Float], [Day], [List], [Dict], [Map] and [Object], and back with
// [Value.Scalar]. Failures are of type [*Error]; their texts hold no value of a record.
package expression
