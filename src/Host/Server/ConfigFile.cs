using System.Text.Json;
using System.Text.Json.Serialization;

namespace VioActors.Daemon.Server;

/// <summary>Reads the configuration of a process: JSON with comments, in which every option must be known.</summary>
internal static class ConfigFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>Reads and checks a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="check">Everything that is wrong with the options, one sentence each.</param>
    /// <param name="remedy">The next step when something is.</param>
    /// <exception cref="StartupException">
    /// It cannot be read, or something in it is wrong; all errors at once.
    /// </exception>
    public static T Load<T>(string path, Func<T, IReadOnlyList<string>> check, string remedy)
    {
        try
        {
            var options = JsonSerializer.Deserialize<T>(File.ReadAllText(path), Json)
                ?? throw new JsonException("the file holds null");
            return check(options) is { Count: > 0 } errors
                ? throw new StartupException($"{path}: {string.Join(" ", errors)}", remedy) { IsWrongUsage = true }
                : options;
        }
        catch (Exception bad)
            when (bad is JsonException or IOException or UnauthorizedAccessException or FormatException)
        {
            throw new StartupException($"The configuration {path} cannot be read: {bad.Message}", remedy, bad)
            {
                IsWrongUsage = true,
            };
        }
    }
}
