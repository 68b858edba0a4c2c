using VioActors.Actors.Host.Agent;
using VioActors.Contracts;

namespace VioActors.Daemon.Agent.Nodes;

/// <summary>Changes a guest's memory and waits until the guest confirmed it: only then it counts for others.</summary>
internal sealed class Balloon(LibvirtLink libvirt, TimeProvider clock)
{
    private const long Tolerance = 1 << 20;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns when the guest has this much, or all it can have.</summary>
    /// <exception cref="HypervisorException">The guest did not confirm it in time.</exception>
    public async Task SetAsync(NodeId node, int mebibytes, long? mostBytes, CancellationToken cancel)
    {
        var target = Math.Min((long)mebibytes << 20, mostBytes ?? long.MaxValue);
        await libvirt.CallAsync(connection => connection.Resources.SetMemoryAsync(node.Uuid, target, cancel), cancel);
        for (var started = clock.GetTimestamp(); ;)
        {
            var memory = await libvirt.CallAsync(
                connection => connection.Resources.GetMemoryAsync(node.Uuid, cancel), cancel);
            if (memory.Actual is { } actual && Math.Abs(actual - target) <= Tolerance) return;
            if (clock.GetElapsedTime(started) > Limit)
                throw new HypervisorException(
                    "balloon-not-confirmed",
                    $"Node {node} was asked for {target >> 20} MiB and has {memory.Actual >> 20} MiB after "
                        + $"{Limit.TotalSeconds} s.",
                    "Its guest needs a virtio balloon driver and enough free memory.");
            await Task.Delay(LookInterval, clock, cancel);
        }
    }
}
