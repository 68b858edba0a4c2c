using System.Runtime.CompilerServices;
using VioActors.Libvirt.Calls;
using VioActors.Libvirt.Events;
using VioActors.Libvirt.Native;

namespace VioActors.Libvirt.Tests;

/// <summary>The bounds that do not need libvirt: threads, queue, limits, events.</summary>
public sealed class CallTests
{
    private static readonly CallName Call = new("probe", null);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task A_running_call_that_passes_its_limit_is_reported_as_stuck_and_its_late_result_disposed()
    {
        using var workers = new NativeWorkers("test", 1, 4, TimeProvider.System);
        using var release = new ManualResetEventSlim();
        using var begun = new ManualResetEventSlim();
        var late = new Late();
        var stuck = 0;
        var running = workers.RunAsync(
            Call, () => { begun.Set(); release.Wait(Long); return late; }, Short, () => stuck++, default);
        var failure = await Assert.ThrowsAsync<LibvirtException>(() => running);
        Assert.True(begun.IsSet);
        Assert.Equal((LibvirtFailure.Timeout, 1), (failure.Failure, stuck));
        Assert.Contains("no answer within 0.05 s", failure.Message);
        release.Set();
        await late.Disposed.Task.WaitAsync(Long);
    }

    [Fact]
    public async Task A_call_that_never_began_is_dropped_without_breaking_anything()
    {
        using var workers = new NativeWorkers("test", 1, 4, TimeProvider.System);
        using var release = new ManualResetEventSlim();
        var first = workers.RunAsync(Call, () => release.Wait(Long), Long, null, default);
        var ran = false;
        var stuck = 0;
        var failure = await Assert.ThrowsAsync<LibvirtException>(
            () => workers.RunAsync(Call, () => ran = true, Short, () => stuck++, default));
        Assert.Contains("not begun", failure.Message);
        release.Set();
        Assert.True(await first);
        Assert.True(await workers.RunAsync(Call, () => true, Long, null, default));
        Assert.Equal((false, 0), (ran, stuck));
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once()
    {
        using var workers = new NativeWorkers("test", 1, 1, TimeProvider.System);
        using var release = new ManualResetEventSlim();
        using var begun = new ManualResetEventSlim();
        var first = workers.RunAsync(Call, () => { begun.Set(); return release.Wait(Long); }, Long, null, default);
        Assert.True(begun.Wait(Long));
        var second = workers.RunAsync(Call, () => true, Long, null, default);
        var failure = await Assert.ThrowsAsync<LibvirtException>(
            () => workers.RunAsync(Call, () => true, Long, null, default));
        Assert.Equal(LibvirtFailure.Busy, failure.Failure);
        release.Set();
        Assert.True(await first && await second);
    }

    [Fact]
    public void A_slow_reader_loses_the_oldest_events_and_the_loss_is_counted()
    {
        var sink = new EventSink(16);
        foreach (var bytes in Enumerable.Range(1, 20))
            sink.Add(new BalloonEvent(Guid.Empty, bytes));
        Assert.Equal(4, sink.Dropped);
        Assert.True(sink.Reader.TryRead(out var oldest));
        Assert.Equal(new BalloonEvent(Guid.Empty, 5), oldest);
    }

    [Fact]
    public void Native_layouts_have_the_sizes_of_the_abi() => Assert.Equal((96, 16, 64, 24),
        (Unsafe.SizeOf<TypedParameter>(), Unsafe.SizeOf<MemoryStat>(), Unsafe.SizeOf<NodeInfo>(),
            Unsafe.SizeOf<StatsRecord>()));

    [Fact]
    public void Typed_parameters_survive_the_way_into_libvirt_and_back()
    {
        Assert.SkipUnless(System.Runtime.InteropServices.NativeLibrary.TryLoad("libvirt.so.0", out _),
            "libvirt.so.0 is missing");
        using var list = new TypedParameterList();
        list.Add("text", "grün");
        list.Add("text2", "");
        list.AddUnsigned("unsigned", ulong.MaxValue);
        list.AddSigned("signed", -1);
        list.AddInt("int", int.MinValue);
        var values = list.Copy();
        Assert.Equal(("grün", "", long.MaxValue, -1L, (long)int.MinValue, null),
            (values.Text("text"), values.Text("text2"),
            values.Number("unsigned"), values.Number("signed"), values.Number("int"), values.Number("absent")));
    }

    [Fact]
    public void A_host_says_why_it_cannot_run_a_domain()
    {
        var host = new GuestCapabilities("qemu", "x86_64", new HashSet<string> { "pc-q35-7.2" },
            new HashSet<string> { "qemu64" });
        Assert.Null(host.WhyNot("pc-q35-7.2", "qemu64"));
        Assert.Contains("pc-q35-9.0", host.WhyNot("pc-q35-9.0", "qemu64"));
        Assert.Contains("EPYC", host.WhyNot("pc-q35-7.2", "EPYC"));
    }

    private sealed class Late : IDisposable
    {
        internal TaskCompletionSource Disposed { get; } = new();

        public void Dispose() => Disposed.TrySetResult();
    }
}
