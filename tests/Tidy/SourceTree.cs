using System.Runtime.CompilerServices;

namespace VioActors.Tidy;

/// <summary>The repository as text: relative path and lines of every file a person wrote.</summary>
internal sealed record SourceFile(string Path, IReadOnlyList<string> Lines)
{
    public static SourceFile Of(string path, string text) => new(path, text.Split('\n'));

    public bool IsCode => Path.EndsWith(".cs", StringComparison.Ordinal);

    public bool IsUnder(string directory) => Path.StartsWith(directory + "/", StringComparison.Ordinal);
}

internal static class SourceTree
{
    private static readonly string[] Kinds =
        [".cs", ".csproj", ".md", ".sql", ".sh", ".cake", ".props", ".json", ".yaml", ".yml", ".html", ".css", ".js"];

    private static readonly string[] Skipped = ["bin", "obj", "artifacts", ".git", "TestResults"];

    public static string Root { get; } = Path.GetFullPath(Path.Combine(Here(), "../.."));

    public static IReadOnlyList<SourceFile> Files { get; } = [.. Walk(Root)];

    private static IEnumerable<SourceFile> Walk(string directory)
    {
        foreach (var path in Directory.EnumerateFiles(directory).Where(IsText).Order(StringComparer.Ordinal))
        {
            yield return SourceFile.Of(Path.GetRelativePath(Root, path), File.ReadAllText(path));
        }

        foreach (var below in Directory.EnumerateDirectories(directory).Where(IsOurs).SelectMany(Walk))
        {
            yield return below;
        }
    }

    private static bool IsText(string path) =>
        Kinds.Contains(Path.GetExtension(path)) || Path.GetFileName(path) is "vio" or "run";

    private static bool IsOurs(string path) => !Skipped.Contains(Path.GetFileName(path));

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
