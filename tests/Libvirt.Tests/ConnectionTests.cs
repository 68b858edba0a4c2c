using System.Net.Sockets;

namespace VioActors.Libvirt.Tests;

public sealed class ConnectionTests
{
    [Fact]
    public async Task A_missing_libvirtd_is_a_native_failure_that_names_the_uri()
    {
        await using var present = await TestDriver.OpenAsync();
        var uri = "qemu+unix:///system?socket=/nonexistent/libvirt-sock";
        var failure = await Assert.ThrowsAsync<LibvirtException>(() => LibvirtConnection.OpenAsync(uri));
        Assert.Equal(LibvirtFailure.Native, failure.Failure);
        Assert.Equal($"connect to {uri}", failure.Operation);
        Assert.Contains("/nonexistent/libvirt-sock", failure.Reason);
    }

    [Fact]
    public async Task A_libvirtd_that_accepts_but_never_answers_ends_in_a_timeout()
    {
        await using var present = await TestDriver.OpenAsync();
        var directory = Directory.CreateTempSubdirectory("vio-libvirt-");
        using var silent = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var path = Path.Combine(directory.FullName, "s");
        silent.Bind(new UnixDomainSocketEndPoint(path));
        silent.Listen();
        var failure = await Assert.ThrowsAsync<LibvirtException>(() => LibvirtConnection.OpenAsync(
            $"qemu+unix:///system?socket={path}", new LibvirtOptions { OpenTimeout = TimeSpan.FromMilliseconds(300) }));
        Assert.Equal(LibvirtFailure.Timeout, failure.Failure);
        Assert.Contains("0.3 s", failure.Message);
        using (await silent.AcceptAsync())
        {
            // Closing the accepted end lets the native call return, so no thread stays behind.
        }
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task After_dispose_every_call_fails_and_the_events_end()
    {
        var libvirt = await TestDriver.OpenAsync();
        await libvirt.DisposeAsync();
        await libvirt.DisposeAsync();
        var failure = await Assert.ThrowsAsync<LibvirtException>(() => libvirt.Domains.ListAsync());
        Assert.Equal(LibvirtFailure.ConnectionLost, failure.Failure);
        Assert.Equal(CloseReason.Client, await libvirt.Closed);
        Assert.Equal(CloseReason.Client, (await libvirt.NextAsync<ConnectionClosedEvent>(_ => true)).Reason);
    }

    [Fact]
    public async Task Options_out_of_range_are_all_reported_at_once()
    {
        var options = new LibvirtOptions { Workers = 0, CallTimeout = TimeSpan.Zero, EventLimit = 1 };
        var failure = await Assert.ThrowsAsync<ArgumentException>(
            () => LibvirtConnection.OpenAsync("test:///default", options));
        Assert.All(["Workers is 0", "CallTimeout is 0 s", "EventLimit is 1"],
            part => Assert.Contains(part, failure.Message));
    }
}
