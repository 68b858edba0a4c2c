namespace VioActors.Libvirt.Tests;

/// <summary>libvirt's built-in test driver: a hypervisor inside this process. Each connection to the default one shares
/// its state, so tests make domains of their own and end them.</summary>
internal static class TestDriver
{
    internal static async Task<LibvirtConnection> OpenAsync(LibvirtOptions? options = null)
    {
        if (!System.Runtime.InteropServices.NativeLibrary.TryLoad("libvirt.so.0", out _))
            Assert.Skip("libvirt.so.0 is missing: install the package libvirt0");
        return await LibvirtConnection.OpenAsync("test:///default", options);
    }

    internal static string DomainXml(Guid id) => $"""
        <domain type='test'><name>d-{id:N}</name><uuid>{id}</uuid><memory unit='MiB'>256</memory>
        <currentMemory unit='MiB'>192</currentMemory><vcpu>2</vcpu><os><type>hvm</type></os>
        <devices><memballoon model='virtio'/></devices></domain>
        """;

    /// <summary>The first event that fits, or a failure that says what was waited for.</summary>
    internal static async Task<T> NextAsync<T>(this LibvirtConnection libvirt, Func<T, bool> fits)
        where T : LibvirtEvent
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await foreach (var happened in libvirt.Events.ReadAllAsync(limit.Token))
            {
                if (happened is T wanted && fits(wanted))
                    return wanted;
            }
        }
        catch (OperationCanceledException expired)
        {
            throw new TimeoutException($"No {typeof(T).Name} that fits within 20 s.", expired);
        }
        throw new InvalidOperationException($"The connection closed before a {typeof(T).Name} that fits.");
    }
}
