import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;
import org.apache.velocity.exception.MethodInvocationException;
import org.apache.velocity.exception.ParseErrorException;

/**
 * Renders templates with stock Apache Velocity 1.7.
 *
 * Record FILE.txtar… writes what Velocity renders into the "want" or "error" section of each case of the files.
 * Record --pipe reads lines of "base64(template) base64(variables as JSON)" and answers each with "ok base64(output)" or "error base64(message)".
 */
public class Record {
    private static final VelocityEngine ENGINE = new VelocityEngine();

    public static void main(String[] args) throws Exception {
        ENGINE.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
        ENGINE.setProperty("input.encoding", "UTF-8");
        ENGINE.setProperty("output.encoding", "UTF-8");
        if (args.length == 1 && args[0].equals("--pipe")) {
            pipe();
            return;
        }
        for (String a : args) {
            record(Path.of(a));
        }
    }

    /** What came of a template. Errors are "parse", or "run" with the class of the exception that a method threw. */
    private static final class Outcome {
        final boolean ok;
        final String text;

        Outcome(boolean ok, String text) {
            this.ok = ok;
            this.text = text;
        }
    }

    private static Outcome render(String template, String variables) {
        VelocityContext context = new VelocityContext();
        for (Map.Entry<?, ?> e : ((Map<?, ?>) new Json(variables).parse()).entrySet()) {
            context.put((String) e.getKey(), e.getValue());
        }
        StringWriter out = new StringWriter();
        try {
            ENGINE.evaluate(context, out, "template", template);
            // what is no text, such as half of a surrogate pair, becomes what it becomes on the wire
            return new Outcome(true, new String(out.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
        } catch (ParseErrorException e) {
            return new Outcome(false, "parse");
        } catch (MethodInvocationException e) {
            return new Outcome(false, "run " + cause(e).getClass().getName());
        } catch (StackOverflowError e) {
            return new Outcome(false, "run " + e.getClass().getName());
        } catch (RuntimeException e) {
            boolean parsing = false;
            for (Throwable t = e; t != null; t = t.getCause()) {
                for (StackTraceElement s : t.getStackTrace()) {
                    parsing |= s.getMethodName().equals("init") && s.getClassName().contains(".parser.node.AST")
                        || s.getMethodName().equals("parse") && s.getClassName().endsWith(".RuntimeInstance");
                }
            }
            return new Outcome(false, parsing ? "parse" : "run " + cause(e).getClass().getName());
        }
    }

    private static Throwable cause(Throwable t) {
        while (t.getCause() != null) {
            t = t.getCause();
        }
        return t;
    }

    private static void pipe() throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String line; (line = in.readLine()) != null;) {
            String[] parts = line.split(" ");
            Outcome o = render(decode(parts[0]), decode(parts[1]));
            out.println((o.ok ? "ok " : "error ") + Base64.getEncoder().encodeToString(o.text.getBytes(StandardCharsets.UTF_8)));
        }
    }

    private static String decode(String s) {
        return new String(Base64.getDecoder().decode(s), StandardCharsets.UTF_8);
    }

    /** Rewrites one txtar file. Sections are named CASE/template, CASE/variables, CASE/want, CASE/error; others are left alone. */
    private static void record(Path path) throws IOException {
        String comment = "";
        Map<String, String> sections = new LinkedHashMap<>();
        String name = null;
        StringBuilder body = new StringBuilder();
        for (String line : Files.readString(path).split("(?<=\n)")) {
            if (line.startsWith("-- ") && line.stripTrailing().endsWith(" --")) {
                if (name == null) {
                    comment = body.toString();
                } else {
                    sections.put(name, body.toString());
                }
                name = line.strip().substring(3, line.strip().length() - 3);
                body.setLength(0);
            } else {
                body.append(line);
            }
        }
        sections.put(name, body.toString());

        Map<String, String> out = new LinkedHashMap<>();
        for (Map.Entry<String, String> e : sections.entrySet()) {
            String key = e.getKey();
            if (key.endsWith("/want") || key.endsWith("/error")) {
                continue;
            }
            out.put(key, e.getValue());
            if (key.endsWith("/template")) {
                String test = key.substring(0, key.lastIndexOf('/'));
                String variables = sections.getOrDefault(test + "/variables", "{}");
                if (sections.containsKey(test + "/variables")) {
                    out.put(test + "/variables", variables);
                }
                Outcome o = render(visibleToReal(e.getValue()), variables);
                out.put(test + (o.ok ? "/want" : "/error"), realToVisible(o.text));
            }
        }
        StringBuilder file = new StringBuilder(comment);
        out.forEach((k, v) -> file.append("-- ").append(k).append(" --\n").append(v));
        Files.writeString(path, file.toString());
    }

    /** The newline at the end of a section is not part of it; ␍ ␉ ␠ stand for what editors and git would change. */
    private static String visibleToReal(String s) {
        if (s.endsWith("\n")) {
            s = s.substring(0, s.length() - 1);
        }
        return s.replace('␍', '\r').replace('␉', '\t').replace('␠', ' ');
    }

    private static String realToVisible(String s) {
        s = s.replace('\r', '␍').replace('\t', '␉') + "\n";
        while (!s.equals(s.replaceAll("(?m) (␠*)$", "␠$1"))) {
            s = s.replaceAll("(?m) (␠*)$", "␠$1");
        }
        return s;
    }

    /** Reads JSON into what a template of API Gateway would see: maps and lists of java.util, the smallest class of number that is exact. */
    private static final class Json {
        private final String s;
        private int i;

        Json(String s) {
            this.s = s;
        }

        Object parse() {
            Object v = value();
            if (peek() != 0) {
                throw new IllegalArgumentException("text after JSON at " + i);
            }
            return v;
        }

        private char peek() {
            while (i < s.length() && " \t\r\n".indexOf(s.charAt(i)) >= 0) {
                i++;
            }
            return i < s.length() ? s.charAt(i) : 0;
        }

        private Object value() {
            switch (peek()) {
                case '{':
                    return object();
                case '[':
                    return array();
                case '"':
                    return string();
                case 't':
                    i += 4;
                    return true;
                case 'f':
                    i += 5;
                    return false;
                case 'n':
                    i += 4;
                    return null;
                default:
                    return number();
            }
        }

        private Object object() {
            Map<String, Object> m = new LinkedHashMap<>();
            i++;
            while (peek() != '}') {
                String k = string();
                peek();
                i++; // :
                m.put(k, value());
                if (peek() == ',') {
                    i++;
                    peek();
                }
            }
            i++;
            return m;
        }

        private Object array() {
            List<Object> l = new ArrayList<>();
            i++;
            while (peek() != ']') {
                l.add(value());
                if (peek() == ',') {
                    i++;
                }
            }
            i++;
            return l;
        }

        private String string() {
            StringBuilder b = new StringBuilder();
            for (i++; s.charAt(i) != '"'; i++) {
                char c = s.charAt(i);
                if (c != '\\') {
                    b.append(c);
                    continue;
                }
                c = s.charAt(++i);
                switch (c) {
                    case 'n': b.append('\n'); break;
                    case 't': b.append('\t'); break;
                    case 'r': b.append('\r'); break;
                    case 'b': b.append('\b'); break;
                    case 'f': b.append('\f'); break;
                    case 'u':
                        b.append((char) Integer.parseInt(s.substring(i + 1, i + 5), 16));
                        i += 4;
                        break;
                    default: b.append(c);
                }
            }
            i++;
            return b.toString();
        }

        private Object number() {
            int start = i;
            while (i < s.length() && "+-0123456789.eE".indexOf(s.charAt(i)) >= 0) {
                i++;
            }
            String n = s.substring(start, i);
            if (n.chars().noneMatch(c -> c == '.' || c == 'e' || c == 'E')) {
                BigInteger b = new BigInteger(n);
                if (b.bitLength() < 32) {
                    return b.intValue();
                }
                return b.bitLength() < 64 ? (Object) b.longValue() : b;
            }
            String digits = n.replaceAll("[eE].*", "").replaceAll("[-.]", "").replaceAll("^0+", "");
            double d = Double.parseDouble(n);
            boolean exact = digits.length() <= 15 && !Double.isInfinite(d) && (digits.isEmpty() || Math.abs(d) > 1e-300);
            return exact ? (Object) d : new BigDecimal(n);
        }
    }
}
