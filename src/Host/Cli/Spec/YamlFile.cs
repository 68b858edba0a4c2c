using System.Text;

namespace VioActors.Daemon.Cli;

/// <summary>The text of a YAML file that a user names with <c>-f</c>.</summary>
internal static class YamlFile
{
    /// <summary>Largest file, bytes.</summary>
    public const int LargestBytes = 1 << 20;

    /// <summary>Reads a file; <c>-</c> reads <paramref name="input"/>.</summary>
    /// <returns>What to call it in messages, and its text.</returns>
    /// <exception cref="UsageException">It cannot be read, or is too large.</exception>
    public static (string Name, string Text) Read(string path, TextReader input)
    {
        try
        {
            if (path == "-") return ("standard input", Bounded(input));
            if (new FileInfo(path) is { Exists: true, Length: > LargestBytes })
                throw new UsageException($"'{path}' is larger than {LargestBytes >> 20} MiB.", "Split it.");
            return (path, File.ReadAllText(path, new UTF8Encoding(false, throwOnInvalidBytes: true)));
        }
        catch (Exception bad) when (bad is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new UsageException($"'{path}' cannot be read: {bad.Message}", "Name a YAML file with -f.");
        }
    }

    private static string Bounded(TextReader input)
    {
        var buffer = new char[LargestBytes + 1];
        var read = input.ReadBlock(buffer);
        return read <= LargestBytes
            ? new string(buffer, 0, read)
            : throw new UsageException($"Standard input is larger than {LargestBytes >> 20} MiB.", "Split it.");
    }
}
