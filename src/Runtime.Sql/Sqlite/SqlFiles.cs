using System.Reflection;

namespace VioActors.Runtime.Sql;

/// <summary>The .sql files of this assembly.</summary>
internal static class SqlFiles
{
    private const string Prefix = "VioActors.Runtime.Sql.Sqlite.";
    private const string Mark = "--: ";

    /// <summary>The named statements of Statements.sql.</summary>
    public static IReadOnlyDictionary<string, string> Statements { get; } = Split(Read(Prefix + "Statements.sql"));

    /// <summary>The migrations in order, numbered from 1 by their file names.</summary>
    public static IReadOnlyList<string> Migrations { get; } =
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix + "Migrations.", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(Read),
    ];

    private static string Read(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"{resource} is not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static Dictionary<string, string> Split(string text) => text.Split(Mark).Skip(1)
        .Select(part => part.Split('\n', 2))
        .ToDictionary(part => part[0].Trim(), part => part[1].Trim(), StringComparer.Ordinal);
}
