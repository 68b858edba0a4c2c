using System.Collections.Concurrent;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Runtime;

namespace VioActors.Daemon.Server.Restore;

/// <summary>The store knows less than somebody has seen.</summary>
/// <param name="Witness">Who saw it.</param>
/// <param name="Seen">What it saw.</param>
/// <param name="Why">The sentence for people.</param>
internal sealed record StoreBehind(string Witness, StoreMark Seen, Failure Why);

/// <summary>
/// Compares the store with what this server and the hosts' agents have seen of it. While it knows less, this server
/// reads and does nothing else, until a newer copy is there or somebody adopts this one. Thread-safe.
/// </summary>
internal sealed class StoreGuard(IStore store, StoreMarks marks, MarkFile file, ActorSystem system)
{
    /// <summary>Code of what is refused meanwhile.</summary>
    public const string Code = "store-behind";

    private const string Own = "this server";
    private readonly ConcurrentDictionary<string, StoreMark> _witnesses = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile StoreBehind? _behind;
    private volatile StoreMark? _mark;
    private long _adopted;

    /// <summary>Why nothing may be changed; null when all is well.</summary>
    public StoreBehind? Behind => _behind;

    /// <summary>The generation that the last adoption began; 0 for none.</summary>
    public long Adopted => Interlocked.Read(ref _adopted);

    /// <summary>How far the store is, for agents to keep; null while it is behind.</summary>
    public StoreMark? Mark => _behind is null ? _mark : null;

    /// <summary>Compares, and holds or releases the actors; notes how far the store is when all is well.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be read now; nothing has changed.</exception>
    public async Task LookAsync()
    {
        await _turn.WaitAsync();
        try
        {
            await CompareAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>An agent says what it has seen; returns when that was compared.</summary>
    /// <returns>False when no server of this site told it that.</returns>
    public async Task<bool> HearAsync(string witness, StoreMark seen)
    {
        if (!marks.IsOurs(seen))
            return false;
        _witnesses[witness] = seen;
        await LookAsync();
        return true;
    }

    /// <summary>What is stored counts from now on: the generation rises above all that was seen.</summary>
    /// <returns>The new generation.</returns>
    public async Task<long> AdoptAsync()
    {
        var seen = _witnesses.Values.Append(file.Highest).Max(mark => mark?.Generation ?? 0);
        var generation = await store.AdoptAsync(seen);
        await LookAsync();
        return generation;
    }

    private async Task CompareAsync()
    {
        var point = await store.PointAsync();
        Interlocked.Exchange(ref _adopted, point.Adopted);
        var behind = file.Highest is { } own ? await LackAsync(point, Own, own) : null;
        foreach (var (witness, seen) in _witnesses)
        {
            if (await LackAsync(point, witness, seen) is not { } lack)
                _witnesses.TryRemove(new KeyValuePair<string, StoreMark>(witness, seen));
            else if (behind is null || lack.Seen.IsAfter(behind.Seen))
                behind = lack;
        }
        if (behind?.Why != _behind?.Why)
        {
            _behind = behind;
            await system.HoldAsync(behind?.Why.ToString());
        }
        if (behind is null && (_mark?.Generation != point.Generation || _mark.Position != point.Position))
        {
            var mark = await marks.OfAsync(point);
            // Whoever keeps it would call a promoted standby behind for lacking what nobody was promised.
            await store.ConfirmAsync();
            _mark = mark;
            file.Raise(mark);
        }
    }

    private async Task<StoreBehind?> LackAsync(StorePoint point, string witness, StoreMark seen) =>
        await marks.LackAsync(point, seen) is { } lack
            ? new StoreBehind(witness, seen, new Failure(
                Code, $"Read-only: {lack}, as {witness} saw.",
                "Put a newer copy back, or accept what is lost with 'vio store adopt'."))
            : null;
}
