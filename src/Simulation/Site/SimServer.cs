using VioActors.Runtime;
using VioActors.Simulation.Time;

namespace VioActors.Simulation.Site;

/// <summary>
/// One server of a simulation: the production runtime on a store in memory, on one loop. It dies and comes back; the
/// store stays, and whoever asks goes on asking until the answer is known. Use it on its loop only.
/// </summary>
/// <param name="loop">The simulation's thread and clock.</param>
/// <param name="store">What outlives it.</param>
/// <param name="codec">Names of everything that is stored or sent.</param>
/// <param name="seed">Part of the names of its lives and requests.</param>
/// <param name="register">Gives each life its actors and effect handlers.</param>
public sealed class SimServer(
    VirtualLoop loop, MemoryStore store, MessageCodec codec, int seed, Action<ActorSystem> register)
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(100);

    // One server looks for no others: a look at every renewal is enough.
    private static readonly Limits Alone = new() { LookEvery = new Limits().RenewEvery };

    private TaskCompletionSource<ActorSystem> _serving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ActorSystem? _life;
    private int _lives;
    private int _asks;

    /// <summary>What outlives it.</summary>
    public MemoryStore Store => store;

    /// <summary>Whether it lives; it may still be on its way to serve.</summary>
    public bool IsAlive => _life is not null;

    /// <summary>Health and counters of this life.</summary>
    public SystemStats Stats => _life?.Stats ?? SystemStats.None;

    /// <summary>Begins a life, after the leases of the one before; ends when it serves.</summary>
    public async Task StartAsync()
    {
        store.ExpireLeases();
        var life = new ActorSystem(store, codec, $"life-{seed}-{++_lives}", loop.Time, Alone, loop);
        register(life);
        _life = life;
        await life.StartAsync();
        if (_life == life) _serving.TrySetResult(life);
    }

    /// <summary>Ends this life without a word; false when there is none.</summary>
    public bool Crash()
    {
        if (_life is not { } life) return false;
        _life = null;
        if (_serving.Task.IsCompleted) _serving = new(TaskCreationOptions.RunContinuationsAsynchronously);
        life.Abandon();
        return true;
    }

    /// <summary>Asks an actor until the answer is known, over any number of lives.</summary>
    /// <param name="to">Which actor.</param>
    /// <param name="message">What.</param>
    /// <param name="principal">Who asks.</param>
    /// <param name="stillTrue">Looked at before each try; once false, nothing is asked any more.</param>
    /// <returns>The reply or the refusal; neither when it was given up.</returns>
    public async Task<AskResult> AskAsync(
        ActorKey to, object message, string principal, Func<bool>? stillTrue = null)
    {
        var key = $"ask-{seed}-{++_asks}";
        while (stillTrue?.Invoke() != false)
        {
            try
            {
                var life = await _serving.Task;
                var result = await life.AskAsync(to, message, principal, key);
                if (result.Busy is null) return result;
            }
            catch (Exception lost) when (lost is OutcomeUnknownException or NotServingException)
            {
                // The server died over it: the same key asks the next one.
            }

            await Task.Delay(Again, loop.Time);
        }

        return AskResult.Done(null);
    }

    /// <summary>The committed state of an actor, from whichever life serves; null when it has no history.</summary>
    public async Task<TState?> ReadAsync<TState>(ActorKey actor) where TState : class
    {
        while (true)
        {
            try
            {
                return await (await _serving.Task).ReadAsync<TState>(actor);
            }
            catch (NotServingException)
            {
                await Task.Delay(Again, loop.Time);
            }
        }
    }

    /// <summary>The last events, one line each, oldest first.</summary>
    public IReadOnlyList<string> Trace(int lines) =>
    [
        .. store.JournalAfter(0).TakeLast(lines).Select(row =>
            $"{row.Position,5} {row.Event.At:HH:mm:ss.fff} {row.Epoch,2} {row.Event.Actor} "
                + $"{row.Event.Body.Name} {row.Event.Body.Json}"),
    ];
}
