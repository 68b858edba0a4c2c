using System.Text.RegularExpressions;

namespace VioActors.Tidy;

/// <summary>One rule over the text of the repository: each finding is "path:line: what is wrong".</summary>
internal sealed record Rule(string Name, Func<SourceFile, bool> Applies, Func<SourceFile, IEnumerable<string>> Check)
{
    public IEnumerable<string> Findings(IEnumerable<SourceFile> files) =>
        files.Where(file => Applies(file)).SelectMany(file => Check(file));

    /// <summary>A rule that forbids a pattern in a line. Tidy's own files hold the patterns and are left out.</summary>
    public static Rule Forbid(string name, string pattern, Func<SourceFile, bool> applies)
    {
        var regex = new Regex(pattern, RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        return new Rule(
            name,
            file => !file.IsUnder("tests/Tidy") && applies(file),
            file => Lines(file, regex.IsMatch, name));
    }

    public static IEnumerable<string> Lines(SourceFile file, Func<string, bool> bad, string says) =>
        file.Lines.Index().Where(line => bad(line.Item)).Select(line => $"{file.Path}:{line.Index + 1}: {says}");
}

internal static class Rules
{
    private const int LinesLimit = 400;
    private const int WidthLimit = 120;
    private const int DepthLimit = 2;
    private static readonly string[] NativeHomes =
    [
        "src/Libvirt", "src/Switch.DataPlane", "src/Runtime.Sql", "tests/Libvirt.Tests", "tests/Switch.DataPlane.Tests",
        "bench/Overlay",
    ];


    public static IReadOnlyList<Rule> All { get; } =
    [
        new("file over 400 lines", file => file.IsCode, file =>
            file.Lines.Count > LinesLimit + 1 ? [$"{file.Path}: {file.Lines.Count} lines, at most {LinesLimit}"] : []),
        new("line over 120 columns", file => file.IsCode, file =>
            Rule.Lines(file, line => line.Length > WidthLimit, $"over {WidthLimit} columns")),
        new("folder too deep", file => file.IsCode && file.IsUnder("src"), file =>
            file.Path.Split('/').Length - 3 > DepthLimit ? [$"{file.Path}: more than {DepthLimit} folders deep"] : []),
        Rule.Forbid(
            "native call outside of its homes",
            @"\[(LibraryImport|DllImport)\b|NativeLibrary\.",
            file => file.IsCode && !NativeHomes.Any(home => file.IsUnder(home))),
        Rule.Forbid(
            "unsafe outside of its homes",
            @"^[^/""]*\bunsafe\b",
            file => file.IsCode && !file.IsUnder("src/Libvirt") && !file.IsUnder("src/Switch.DataPlane")
                && !file.IsUnder("tests/Switch.DataPlane.Tests") && !file.IsUnder("tests/Libvirt.Tests")),
        new("unsafe without a SAFETY comment", file => file.IsCode && file.IsUnder("src"), UnexplainedUnsafe),
        Rule.Forbid("unfinished work", @"\b(TODO|FIXME|TBD|HACK)\b", _ => true),
        Rule.Forbid("silenced warning", @"#pragma warning|<NoWarn>|SuppressMessage\(", _ => true),
        Rule.Forbid("region", @"^\s*#region", file => file.IsCode),
        Rule.Forbid("path of a builder's machine", @"(^|[\s""'`(=])/(work|home/[a-z]+)/", _ => true),
        new("placeholder test", file => file.IsUnder("tests"), file =>
            Path.GetFileName(file.Path) == "PlaceholderTests.cs" ? [$"{file.Path}: replace it by real tests"] : []),
        Rule.Forbid(
            "name says nothing",
            @"\b(class|record|struct|interface) \w+(Manager|Helpers?|Utils?)\b",
            file => file.IsCode),
    ];

    /// <summary>Relative links in Markdown whose target does not exist.</summary>
    public static IEnumerable<string> DeadLinks(IEnumerable<SourceFile> files, Func<string, bool> exists) =>
        from file in files
        where file.Path.EndsWith(".md", StringComparison.Ordinal)
        from line in file.Lines.Index()
        from Match link in Regex.Matches(line.Item, @"\]\((?<to>[^)\s#]+)(#[^)]*)?\)")
        let to = link.Groups["to"].Value
        where !to.Contains("://", StringComparison.Ordinal) && !to.StartsWith("mailto:", StringComparison.Ordinal)
        where !exists(Path.Combine(Path.GetDirectoryName(file.Path)!, to))
        select $"{file.Path}:{line.Index + 1}: dead link {to}";

    /// <summary>Lines of C# in Markdown that stand in no file of the samples, which are compiled.</summary>
    public static IEnumerable<string> UncompiledCode(IReadOnlyList<SourceFile> files)
    {
        var compiled = files.Where(file => file.IsCode && file.IsUnder("samples"))
            .SelectMany(file => file.Lines).Select(line => line.Trim()).ToHashSet(StringComparer.Ordinal);
        foreach (var file in files.Where(file => file.Path.EndsWith(".md", StringComparison.Ordinal)))
        {
            var isCode = false;
            foreach (var (index, line) in file.Lines.Index())
            {
                if (line.StartsWith("```", StringComparison.Ordinal))
                    isCode = line == "```csharp";
                else if (isCode && line.Length > 0 && !compiled.Contains(line.Trim()))
                    yield return $"{file.Path}:{index + 1}: no sample has this line: {line}";
            }
        }
    }

    // The comment stands on the line of the word or within the six lines above it.
    private static IEnumerable<string> UnexplainedUnsafe(SourceFile file) =>
        from line in file.Lines.Index()
        where Regex.IsMatch(line.Item, @"^[^/""]*\bunsafe\b")
        where !file.Lines.Skip(line.Index - 6).Take(Math.Min(line.Index, 6) + 1)
            .Any(near => near.Contains("SAFETY", StringComparison.Ordinal))
        select $"{file.Path}:{line.Index + 1}: unsafe needs a SAFETY comment";
}
