using VioActors.Bench.Follow;
using VioActors.Bench.Overlay;

namespace VioActors.EndToEnd.Switch;

/// <summary>
/// A node that moves to and fro under steady traffic, with nobody but the switches to tell where it is.
/// </summary>
public class FollowTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task ANodeIsFollowedThereAndBackAndNothingComesTwice()
    {
        if (!Environment.IsPrivilegedProcess) Assert.Skip("needs root for network namespaces and TAPs");
        if (!File.Exists("/dev/net/tun")) Assert.Skip("needs /dev/net/tun");
        await using var under = await Underlay.BuildAsync(TimeProvider.System, None);
        await using var node = new MovingGuest(under);
        await node.StartAsync(None);
        await using var pings = await SteadyPings.StartAsync(node.Near, node.Far, under.Time);
        await OverlayWait.UntilAsync("the node answers", under.Time, () => Task.FromResult(pings.Answered > 20), None);
        for (var move = 0; move < 6; move++)
        {
            await node.PrepareAsync(None);
            var arrived = await node.MoveAsync(announce: true, None);
            Assert.NotNull(await pings.AnswerAfterAsync(arrived, None));
            await node.SettleAsync(None);
            Assert.True(await node.IsKnownEverywhereAsync(None), $"move {move}");
        }

        Assert.Equal(0, pings.Twice);
        await node.PrepareAsync(None);
        var unannounced = await node.MoveAsync(announce: false, None);
        Assert.Null(await pings.AnswerAfterAsync(unannounced, None));
    }
}
