using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.EndToEnd.Conformance;

namespace VioActors.EndToEnd.Adaptation;

/// <summary>
/// What real guests do is measured by real agents, and what is changed on them while they run is in force. The guests
/// run side by side, so that the slow refusal of one costs no time of its own.
/// </summary>
[Collection(AgentLabCollection.Name)]
public sealed class MonitorTests(AgentLab lab, ITestOutputHelper output)
{
    private const int HeldMiB = 48;
    private const double LeastFreeCores = 0.4;

    [Fact]
    public async Task Load_quota_balloon_and_refusal_show_in_the_samples()
    {
        lab.Require();
        await Task.WhenAll(CpuAsync(), MemoryAsync(), RefusalAsync());
    }

    private async Task CpuAsync()
    {
        var guest = await GuestLoad.StartAsync(lab, lab.First, "vio.load=8:0,3600:100", output);
        var idle = await guest.MeanAsync(1);
        await guest.PhaseAsync("VIO load 100");
        await guest.UntilAsync("load", one => one.CpuUsedCores + one.CpuWaitedCores > 0.8);

        // Control: without a quota nothing is throttled, and it uses clearly more than the quota will let it. A machine
        // that is busy with something else delays this and does not decide it.
        var free = await guest.UntilAsync("free", one => one.CpuUsedCores > LeastFreeCores, seconds: 60);
        Assert.True(idle.CpuUsedCores < LeastFreeCores, $"{idle}");
        Assert.Equal(0, free.CpuThrottledCores);
        Assert.Equal((null, 100), (free.CpuQuotaPercent, free.CpuWeight));

        Assert.Null((await guest.ResizeAsync(null, 50, 20)).Failure);
        await guest.UntilAsync("quota", one => one is { CpuQuotaPercent: 20, CpuWeight: 50 });
        var bound = await guest.MeanAsync(3);
        output.WriteLine($"bound {bound}");
        Assert.InRange(bound.CpuUsedCores, 0.01, 0.3);
        Assert.InRange(bound.CpuThrottledCores, 0.05, bound.CpuWaitedCores);
        Assert.True(bound.CpuWaitedCores > 0.6 && bound.CpuWaitedCores > free.CpuWaitedCores, $"{bound}");

        Assert.Null((await guest.ResizeAsync(null, 100, null)).Failure);
        await guest.UntilAsync("free again", one => one is { CpuQuotaPercent: null, CpuUsedCores: > LeastFreeCores },
            seconds: 60);
        await guest.RemoveAsync();
    }

    private async Task MemoryAsync()
    {
        var guest = await GuestLoad.StartAsync(lab, lab.Second, $"vio.load=6:0,3600:0:{HeldMiB}", output);
        var before = await guest.UntilAsync("the guest reports its memory", one => one.MemoryUsedMiB > 0);
        await guest.UntilAsync("memory", one => one.MemoryUsedMiB > before.MemoryUsedMiB + HeldMiB * 0.8, seconds: 40);

        var smaller = guest.Shape.MemoryMiB - 32;
        Assert.Null((await guest.ResizeAsync(smaller, 100, null)).Failure);
        await guest.UntilAsync("balloon", one => one.MemoryMiB == smaller && one.MemoryUsedMiB > HeldMiB);
        Assert.Null((await guest.ResizeAsync(guest.Shape.MemoryMiB, 100, null)).Failure);
        await guest.UntilAsync("balloon back", one => one.MemoryMiB == guest.Shape.MemoryMiB);

        // It is measured where it is, from its first second there, its memory too, and nowhere else.
        await guest.MoveAsync(lab.First);
        await guest.UntilAsync("moved", one => one.MemoryUsedMiB > HeldMiB);
        Assert.Empty(await guest.SamplesAsync(lab.Second));
        await guest.RemoveAsync();
        await Until.TrueAsync(
            "a removed node has no samples", async () => (await guest.SamplesAsync(lab.First)).Count == 0);
    }

    private async Task RefusalAsync()
    {
        var guest = await GuestLoad.StartAsync(lab, lab.Second, "vio.balloon=0", output);
        var before = await guest.MeanAsync(2);
        Assert.Null(before.MemoryUsedMiB);

        // A change of its CPU does not wait for a balloon that nobody moves.
        var started = TimeProvider.System.GetTimestamp();
        Assert.Null((await guest.ResizeAsync(null, 70, null)).Failure);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 0, 10);

        var refused = await guest.ResizeAsync(guest.Shape.MemoryMiB - 32, 70, null);
        Assert.Equal("balloon-not-confirmed", refused.Failure?.Code);
        Assert.Contains($"has {guest.Shape.MemoryMiB} MiB", refused.Failure!.Reason, StringComparison.Ordinal);
        Assert.Equal(guest.Shape.MemoryMiB, refused.Observation?.ActualMemoryMiB);
        await guest.RemoveAsync();
    }
}
