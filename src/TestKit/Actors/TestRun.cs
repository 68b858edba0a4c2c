using VioActors.Runtime;
using VioActors.Simulation.Site;
using VioActors.Simulation.Time;

namespace VioActors.TestKit;

/// <summary>
/// What every test of this kit stands on: one loop that runs only while the test waits, so that a call of the kit
/// returns when its answer is there and nothing happens between two calls.
/// </summary>
internal sealed class TestRun(VirtualLoop loop, SimServer server, MessageCodec codec, int seed)
{
    /// <summary>Virtual time that is waited for anything; real time is far less.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    /// <summary>When every run begins.</summary>
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const int ShownEvents = 12;
    private readonly List<JournalEntry> _events = [];
    private readonly HashSet<long> _given = [];

    public int Seed => seed;

    public VirtualLoop Loop => loop;

    public SimServer Server => server;

    /// <summary>Every event so far, oldest first.</summary>
    public IReadOnlyList<JournalEntry> Events
    {
        get
        {
            foreach (var row in server.Store.JournalAfter(_events.Count))
                _events.Add(JournalEntry.From(row, codec));
            return _events;
        }
    }

    /// <summary>Runs work on the loop to its end.</summary>
    public T Wait<T>(string phase, Func<Task<T>> work)
    {
        T? result = default;
        var task = loop.Start(async () => result = await work());
        if (!loop.RunUntil(() => task.IsCompleted, Until(Patience)))
            throw Failure(phase, "an answer", server.IsAlive
                ? $"none came within {Patience} of virtual time"
                : "the server is down, and nobody started it");
        task.GetAwaiter().GetResult();
        return result!;
    }

    public void Wait(string phase, Func<Task> work) => Wait(phase, async () =>
    {
        await work();
        return true;
    });

    /// <summary>The oldest event that fits and was not given before; waits for it.</summary>
    public TEvent Expect<TEvent>(
        ActorKey? actor, Func<TEvent, bool>? where, string? whereText, TimeSpan? within)
    {
        var found = Find(actor, where, within ?? Patience);
        if (found is null)
        {
            var others = Events.Where(entry => entry.Event is TEvent && IsOf(actor, entry)).ToList();
            throw Failure($"waiting for an event of {actor?.ToString() ?? "any actor"}",
                typeof(TEvent).Name + (where is null ? "" : $" where {whereText}"),
                $"none came within {within ?? Patience} of virtual time"
                    + (others.Count == 0 ? "" : $"; {others.Count} others did, the last {others[^1].Event}"));
        }

        _given.Add(found.Position);
        return (TEvent)found.Event!;
    }

    /// <summary>The newest event that fits, whether it was given before or not; waits while there is none.</summary>
    public TEvent Latest<TEvent>(ActorKey actor, Func<TEvent, bool> where, string what)
    {
        TEvent? Newest() => Events.Where(entry => entry.Actor == actor).Select(entry => entry.Event)
            .OfType<TEvent>().LastOrDefault(where);
        Until($"waiting for {what}", typeof(TEvent).Name, () => Newest() is not null,
            () => $"none came within {Patience} of virtual time");
        return Newest()!;
    }

    /// <summary>Lets time pass in which no event that fits may come.</summary>
    public void ExpectNo<TEvent>(ActorKey? actor, Func<TEvent, bool>? where, string? whereText, TimeSpan during)
    {
        if (Find(actor, where, during) is { } found)
            throw Failure($"waiting for {during} of virtual time",
                $"no {typeof(TEvent).Name}" + (where is null ? "" : $" where {whereText}"),
                $"at {found.At:HH:mm:ss.fff} {found.Actor} recorded {found.Event}");
    }

    /// <summary>Waits until something of the test's own is there.</summary>
    public void Until(string phase, string expected, Func<bool> holds, Func<string> actual)
    {
        if (!loop.RunUntil(holds, Until(Patience))) throw Failure(phase, expected, actual());
    }

    public TestKitException Failure(string phase, string expected, string actual) =>
        new(phase, seed, expected, actual, server.Trace(ShownEvents));

    private JournalEntry? Find<TEvent>(ActorKey? actor, Func<TEvent, bool>? where, TimeSpan within)
    {
        var next = 0;
        JournalEntry? found = null;
        loop.RunUntil(
            () =>
            {
                for (var events = Events; found is null && next < events.Count; next++)
                {
                    var fits = events[next].Event is TEvent e && IsOf(actor, events[next])
                        && where?.Invoke(e) != false && !_given.Contains(events[next].Position);
                    if (fits) found = events[next];
                }

                return found is not null;
            },
            Until(within));
        return found;
    }

    private static bool IsOf(ActorKey? actor, JournalEntry entry) => actor is null || entry.Actor == actor;

    private TimeSpan Until(TimeSpan within) => TimeSpan.FromTicks(loop.Time.GetTimestamp()) + within;
}
