using VioActors.Daemon.Agent.Fabric;

namespace VioActors.Daemon.Tests.Agent;

/// <summary>Whom a connection still owes an answer.</summary>
public sealed class RequestWaitsTests
{
    [Fact]
    public void ARequestIsTakenOncePerConnectionAndAgainOnTheNext()
    {
        var (first, second) = (new RequestWaits(), new RequestWaits());
        Assert.NotNull(first.Begin("r", CancellationToken.None));
        Assert.Null(first.Begin("r", CancellationToken.None));
        // The first connection has not noticed yet that it is over.
        Assert.NotNull(second.Begin("r", CancellationToken.None));
        first.End("r");
        Assert.Equal((0, 1), (first.Count, second.Count));
    }

    [Fact]
    public void AStopEndsTheWaitingAndTheEndOfTheConnectionDoesToo()
    {
        using var connection = new CancellationTokenSource();
        var waits = new RequestWaits();
        var (one, two) = (waits.Begin("1", connection.Token)!.Value, waits.Begin("2", connection.Token)!.Value);
        waits.Stop("1");
        Assert.Equal((true, false), (one.IsCancellationRequested, two.IsCancellationRequested));
        connection.Cancel();
        Assert.True(two.IsCancellationRequested);
    }

    [Fact]
    public async Task AStopThatMeetsTheAnswerIsHarmlessAsync()
    {
        var waits = new RequestWaits();
        for (var i = 0; i < 2000; i++)
        {
            var id = $"{i}";
            var token = waits.Begin(id, CancellationToken.None)!.Value;
            // What waits ends itself inside the stop, as an awaiting request may.
            using var woken = token.Register(() => waits.End(id));
            var stop = Task.Run(() => waits.Stop(id));
            waits.End(id);
            await stop;
            waits.Stop(id);
        }
        Assert.Equal(0, waits.Count);
    }
}
