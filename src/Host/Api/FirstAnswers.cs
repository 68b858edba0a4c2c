using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using VioActors.Contracts;
using VioActors.Daemon.Security;
using VioActors.Daemon.Server;
using VioActors.Daemon.Server.Restore;

namespace VioActors.Daemon.Api;

/// <summary>An answer that was given under an idempotency key.</summary>
/// <param name="Request">Hash of the request.</param>
/// <param name="Status">Its status.</param>
/// <param name="Type">Its content type.</param>
/// <param name="Body">Its body.</param>
internal sealed record FirstAnswer(string Request, int Status, string? Type, string Body);

/// <summary>
/// The answers given under idempotency keys, one private file each, for <see cref="KeptFor"/>. Actors know the keys of
/// what they did; this is for the rest of an answer, which depends on how things were then. Thread-safe.
/// </summary>
internal sealed class FirstAnswers
{
    /// <summary>As long as the actors' own memory of keys.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);

    /// <summary>Most answers kept; the oldest goes first.</summary>
    public const int MostKept = 10_000;

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly string _directory;
    private readonly StoreGuard _guard;
    private readonly TimeProvider _clock;
    private readonly ConcurrentQueue<(string Path, DateTimeOffset At)> _order;

    /// <summary>Opens the answers of a data directory.</summary>
    public FirstAnswers(ServerOptions options, StoreGuard guard, TimeProvider clock)
    {
        (_directory, _guard, _clock) = (Path.Combine(options.DataDirectory, "answers"), guard, clock);
        Directory.CreateDirectory(_directory, Private);
        _order = new(new DirectoryInfo(_directory).GetFiles()
            .Select(file => (file.FullName, new DateTimeOffset(file.LastWriteTimeUtc)))
            .OrderBy(entry => entry.Item2));
    }

    /// <summary>The first answer under a key; null when there is none.</summary>
    public FirstAnswer? Find(Principal caller, string key)
    {
        try
        {
            return JsonSerializer.Deserialize<FirstAnswer>(File.ReadAllText(PathOf(caller, key)), Wire.Json);
        }
        catch (Exception none) when (none is IOException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Keeps an answer. On a full disk it does not: then the actor still knows the key.</summary>
    public void Keep(Principal caller, string key, FirstAnswer answer)
    {
        var now = _clock.GetUtcNow();
        while (_order.TryPeek(out var oldest) && (_order.Count >= MostKept || oldest.At < now - KeptFor)
            && _order.TryDequeue(out oldest))
            File.Delete(oldest.Path);
        try
        {
            var path = PathOf(caller, key);
            PrivateFile.Write(path, JsonSerializer.Serialize(answer, Wire.Json));
            _order.Enqueue((path, now));
        }
        catch (IOException)
        {
            // Said above.
        }
    }

    /// <summary>An adopted store does not know what was answered before: it answers anew.</summary>
    private string PathOf(Principal caller, string key) => Path.Combine(
        _directory, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            $"{caller}\n{key}{(_guard.Adopted == 0 ? "" : $"\n{_guard.Adopted}")}"))));
}
