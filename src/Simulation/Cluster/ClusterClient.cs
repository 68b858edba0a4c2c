using System.Diagnostics.CodeAnalysis;
using VioActors.Runtime;
using VioActors.Simulation.Site;

namespace VioActors.Simulation.Cluster;

/// <summary>
/// One who asks whichever server answers: under a key again and again until the outcome is known, without one until it
/// may have happened. Then looks whether the answer was true.
/// </summary>
internal sealed class ClusterClient(SimCluster cluster, ClusterChaos chaos, ClusterLedger ledger, TimeSpan? atOnce)
{
    private const string Name = "client";
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Asks until the outcome is known, or, without a key, may be a success.</summary>
    /// <exception cref="SimViolationException">An answer is wrong, or there is none.</exception>
    public async Task DoAsync(ActorKey bank, object message, string op)
    {
        var key = message is Deposit or Pay && chaos.Below(4) == 0 ? null : op;
        var start = cluster.Time.GetTimestamp();
        while (true)
        {
            var results = await AskOnceAsync(bank, message, key);
            if (results.Find(result => result.Refusal is not null)?.Refusal is { } refusal)
            {
                if (message is not Hoard) throw new SimViolationException($"{op} is refused: {refusal.Reason}");
                ledger.GivenUp.Add(op);
                return;
            }

            if (results.Exists(result => result.IsDone)) break;
            if (key is null && results.Count == 0) return;
            if (cluster.Time.GetElapsedTime(start) > Rest)
                throw new SimViolationException($"{op} was not taken within {Rest}.");
            await Task.Delay(Pause, cluster.Time);
        }

        if (cluster.Time.GetElapsedTime(start) > atOnce)
            throw new SimViolationException(
                $"Not so: without faults {op} is done at once; it took {cluster.Time.GetElapsedTime(start)}");
        ledger.Acknowledged.Add((bank, op));
        await LookAsync(bank, op);
        if (key is not null && chaos.Below(4) == 0) await RepeatAsync(bank, message, op);
    }

    // What is acknowledged is seen by whoever reads afterwards, at whichever server; and nothing that is not stored.
    private async Task LookAsync(ActorKey bank, string op)
    {
        if (chaos.Below(2) == 0 || cluster.Any() is not { } life) return;
        var begun = cluster.IsLeaseSacred;
        var read = ReadAsync(life, bank);
        await Task.WhenAny(read, Task.Delay(Patience, cluster.Time));
        if (begun && cluster.IsLeaseSacred && read is { IsCompleted: true, Result: (true, var state) })
        {
            Require(state?.Has(op) == true, $"{op} of {bank} was acknowledged and is read at {life.Name} afterwards");
            var stored = cluster.Store.JournalAfter(0).Count(row => row.Event.Actor == bank);
            Require(state.Done.Values.Sum() <= stored, $"what is read of {bank} at {life.Name} is stored");
        }
    }

    // The same again under the same key changes nothing, and something else under it is refused.
    private async Task RepeatAsync(ActorKey bank, object message, string op)
    {
        var other = chaos.Below(2) == 0;
        for (var start = cluster.Time.GetTimestamp(); cluster.Time.GetElapsedTime(start) < Rest;)
        {
            var results = await AskOnceAsync(bank, other ? new Cure($"{op}!") : message, op);
            if (results.Find(result => result.Busy is null) is { } result)
            {
                Require(
                    other ? result.Refusal?.Code == "idempotency-conflict" : result.IsDone,
                    $"a key answers for one request only: {op} again gets {result}");
                return;
            }

            await Task.Delay(Pause, cluster.Time);
        }

        throw new SimViolationException($"{op} was not answered again within {Rest}.");
    }

    // Under a key sometimes two servers are asked at once. No result means that nobody knows.
    private async Task<List<AskResult>> AskOnceAsync(ActorKey bank, object message, string? key)
    {
        var asked = new List<Task<AskResult?>>();
        for (var i = key is not null && chaos.Below(6) == 0 ? 2 : 1; i > 0; i--)
        {
            if (cluster.Any() is { } life) asked.Add(AskAsync(life, bank, message, key));
        }

        if (asked.Count == 0) return [AskResult.Later(Pause, "Nobody is there.")];
        await Task.WhenAny(Task.WhenAll(asked), Task.Delay(Patience, cluster.Time));
        var results = new List<AskResult>();
        foreach (var one in asked.Where(one => one.IsCompleted))
        {
            if (await one is { } result) results.Add(result);
        }

        foreach (var done in results.Where(result => result.IsDone))
        {
            Require(
                done.Reply is Accepted { Op: var op } && (key is null || op == key),
                $"an answer belongs to its request: {key} gets {done.Reply}");
        }

        return results;
    }

    private async Task<AskResult?> AskAsync(ServerLife life, ActorKey bank, object message, string? key)
    {
        try
        {
            await life.Gate.PassAsync();
            var asked = life.System.AskAsync(bank, message, Name, key);
            ledger.Asked.Add(($"{message} for {bank} at {life.System.Incarnation}", asked));
            var result = await asked;
            await life.Gate.PassAsync();
            return result;
        }
        catch (OutcomeUnknownException) when (atOnce is null)
        {
            return null;
        }
        catch (Exception e) when (e is not SimViolationException)
        {
            throw new SimViolationException($"Not so: a request ends in a known way: {e.GetType().Name} {e.Message}");
        }
    }

    private static async Task<(bool IsRead, BankState? State)> ReadAsync(ServerLife life, ActorKey bank)
    {
        try
        {
            await life.Gate.PassAsync();
            var state = await life.System.ReadAsync<BankState>(bank);
            await life.Gate.PassAsync();
            return (true, state);
        }
        catch (NotServingException)
        {
            return (false, null);
        }
    }

    private static void Require([DoesNotReturnIf(false)] bool holds, string rule)
    {
        if (!holds) throw new SimViolationException($"Not so: {rule}");
    }
}
