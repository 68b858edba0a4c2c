using System.Reflection;

namespace VioActors.Runtime.Sql;

/// <summary>The .sql files of this assembly.</summary>
internal static class SqlFiles
{
    private const string Prefix = "VioActors.Runtime.Sql.";
    private const string Mark = "--: ";

    /// <summary>The named statements of both databases and of this one.</summary>
    public static IReadOnlyDictionary<string, string> StatementsOf(string database) =>
        Names().Where(name => name == $"{Prefix}Statements.sql" || name == $"{Prefix}{database}.Statements.sql")
            .SelectMany(name => Read(name).Split(Mark).Skip(1)).Select(part => part.Split('\n', 2))
            .ToDictionary(part => part[0].Trim(), part => part[1].Trim(), StringComparer.Ordinal);

    /// <summary>The migrations of a database in order, numbered from 1 by their file names.</summary>
    public static IReadOnlyList<string> MigrationsOf(string database) =>
    [
        .. Names().Where(name => name.StartsWith($"{Prefix}{database}.Migrations.", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(Read),
    ];

    private static string[] Names() => Assembly.GetExecutingAssembly().GetManifestResourceNames();

    private static string Read(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"{resource} is not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
