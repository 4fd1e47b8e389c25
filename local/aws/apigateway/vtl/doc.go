// Package vtl runs Velocity templates: the language that API Gateway's mapping templates are written in. It knows nothing of API Gateway;
// $input, $util and $context are Objects that the caller hands in.
//
// # What it is measured by
//
// Apache Velocity 1.7 with its default settings, on Java 17. Testdata holds templates with what that rendered or refused, recorded by
// testdata/record/record.sh; with the flag -velocity the tests compare random templates too. Which version API Gateway runs is not
// documented. Where API Gateway is known to differ, a case says so, and how it is known:
//
//   - references without a value render as nothing (recorded), not as they are written: Limits.Undefined
//   - lists that came from JSON render as JSON (recorded), not as [a, b]
//   - a template may be 300 KB long, and a #foreach go round 1,000 times (documented, apigw/limits.md); that the loop then ends and
//     the template goes on is assumed
//
// # What is in
//
// #set, #if, #elseif, #else, #foreach with $foreach and $velocityCount, #break, #stop, #literal, #[[ ]]#, comments, references of every
// form with properties, methods and indexes, ranges, lists, maps, arithmetic, comparison, logic, interpolation and escapes; white space as
// Velocity leaves it. Methods are those of Java's String, Integer, Long, Double, BigInteger, BigDecimal, Boolean, Character, ArrayList,
// LinkedHashMap with its views, entries and iterators, as far as mapping templates have a use for them, static ones such as
// Integer.parseInt included, with Java's exceptions, overloads and regular expressions.
//
// What surprises in Velocity 1.7 is kept: an empty string, zero and an empty list are true; "$x.class" is never a key; #set to something
// without a value changes nothing; #set(${x} = 1) sets nothing; 5-3 and a lone $ or # at the end are parse errors; a name takes in a
// minus that follows.
//
// # What is out
//
// #macro, #parse, #include, #evaluate, #define and block macros (#@name) are parse errors that name them. Of Java's methods, those that
// take lambdas, streams, bytes, locales, dates (String.format %t), or classes by name are undefined references, as unknown methods are.
// A sublist is a copy, not a view of the list. Halves of surrogate pairs render as "?", as in Java; a regular expression that matches
// nothing does not fall between the halves, as it does in Java.
//
// # Limits
//
// No template and no data can make the engine panic, run for long or grow: Limits bound the length of the template, of loops, of the
// output and of the strings that are built, and the work that one execution may do; nesting is bounded when parsing, rendering,
// comparing and hashing; regular expressions run in time that grows with the input, or else with a timeout (package javaregexp).
package vtl
