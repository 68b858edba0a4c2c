using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Security;

namespace VioActors.Daemon.Server.Restore;

/// <summary>
/// The highest mark that a server or an agent has seen, in a file of its data directory. Thread-safe.
/// </summary>
internal sealed class MarkFile
{
    /// <summary>Its name in that directory.</summary>
    public const string Name = "store-mark.json";

    private readonly Lock _gate = new();
    private readonly string _path;
    private volatile StoreMark? _highest;

    private MarkFile(string path, StoreMark? mark) => (_path, _highest) = (path, mark);

    /// <summary>The highest; null for none.</summary>
    public StoreMark? Highest => _highest;

    /// <summary>Reads what the last process left in this directory.</summary>
    /// <exception cref="StartupException">It cannot be read: without it an older store would go unnoticed.</exception>
    public static MarkFile Open(string directory)
    {
        var path = Path.Combine(directory, Name);
        try
        {
            return new MarkFile(
                path,
                File.Exists(path) ? JsonSerializer.Deserialize<StoreMark>(File.ReadAllText(path), Wire.Json) : null);
        }
        catch (Exception bad) when (bad is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"The mark {path} of how far the site's store was cannot be read: {bad.Message}",
                "Make sure that the store is no older copy, then delete the file.", bad);
        }
    }

    /// <summary>Keeps the mark if it is higher.</summary>
    public void Raise(StoreMark mark)
    {
        lock (_gate)
        {
            if (_highest is { } known && !mark.IsAfter(known))
                return;
            _highest = mark;
            try
            {
                PrivateFile.Write(_path, JsonSerializer.Serialize(mark, Wire.Json));
            }
            catch (Exception full) when (full is IOException or UnauthorizedAccessException)
            {
                // Known in memory; the next mark is written again, and a full disk is told by whoever works on it.
            }
        }
    }
}
