using System.Runtime.CompilerServices;

namespace VioActors.Mutants;

/// <summary>One fault, as a patch. Its first line says which fault it is and which rule it breaks.</summary>
internal sealed record Mutant(string Name, string Path, string Fault)
{
    private const string HeaderMark = "# ";

    /// <summary>The root of the source tree.</summary>
    public static string Root { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(Here(), "../.."));

    /// <summary>All of them, in the order of their numbers.</summary>
    public static IReadOnlyList<Mutant> All { get; } =
        [.. Directory.EnumerateFiles(Here(), "*.patch").Order(StringComparer.Ordinal).Select(Read)];

    /// <summary>The one of that name.</summary>
    public static Mutant Of(string name) => All.Single(mutant => mutant.Name == name);

    private static Mutant Read(string path)
    {
        var first = File.ReadLines(path).First();
        return first.StartsWith(HeaderMark, StringComparison.Ordinal)
            ? new Mutant(System.IO.Path.GetFileNameWithoutExtension(path), path, first[HeaderMark.Length..])
            : throw new InvalidDataException(
                $"{path} must begin with a line '{HeaderMark}which fault; which rule breaks'.");
    }

    private static string Here([CallerFilePath] string path = "") => System.IO.Path.GetDirectoryName(path)!;
}
