using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace VioActors.Mutants;

/// <summary>One fault, as a patch. Its first line says which fault it is and which rule it breaks.</summary>
/// <param name="Name">Its file's.</param>
/// <param name="Path">Its file.</param>
/// <param name="Fault">What the first line says.</param>
/// <param name="Projects">Directories of the projects that it changes, from the root, dependencies first.</param>
internal sealed partial record Mutant(string Name, string Path, string Fault, IReadOnlyList<string> Projects)
{
    private const string HeaderMark = "# ";

    /// <summary>The root of the source tree.</summary>
    public static string Root { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(Here(), "../.."));

    /// <summary>All of them, in the order of their numbers.</summary>
    public static IReadOnlyList<Mutant> All { get; } =
        [.. Directory.EnumerateFiles(Here(), "*.patch").Order(StringComparer.Ordinal).Select(Read)];

    /// <summary>
    /// Actors of a site are changed, which the simulation of servers does not have; that one is for the runtime.
    /// </summary>
    public bool NeedsSite => !Projects.Contains("src/Runtime");

    /// <summary>The one of that name.</summary>
    public static Mutant Of(string name) => All.Single(mutant => mutant.Name == name);

    private static Mutant Read(string path)
    {
        var lines = File.ReadAllLines(path);
        var projects = lines.Select(line => Changed().Match(line)).Where(match => match.Success)
            .Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal).ToList();
        return lines.Length > 0 && lines[0].StartsWith(HeaderMark, StringComparison.Ordinal) && projects.Count > 0
            ? new Mutant(
                System.IO.Path.GetFileNameWithoutExtension(path), path, lines[0][HeaderMark.Length..], projects)
            : throw new InvalidDataException(
                $"{path} must begin with a line '{HeaderMark}which fault; which rule breaks' and change a project.");
    }

    private static string Here([CallerFilePath] string path = "") => System.IO.Path.GetDirectoryName(path)!;

    [GeneratedRegex("^[+]{3} b/(src/[^/]+)/")]
    private static partial Regex Changed();
}
