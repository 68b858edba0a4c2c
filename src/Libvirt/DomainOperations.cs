using System.Runtime.InteropServices;
using VioActors.Libvirt.Calls;
using VioActors.Libvirt.Native;

namespace VioActors.Libvirt;

/// <summary>The life of domains on one connection. Every call can fail with <see cref="LibvirtException"/> and is
/// bounded
/// by <see cref="LibvirtOptions.CallTimeout"/>; cancelling stops the waiting, not the call.</summary>
public sealed class DomainOperations
{
    private const int ListLimit = 100_000;
    private readonly ConnectionCalls calls;

    internal DomainOperations(ConnectionCalls calls) => this.calls = calls;

    /// <summary>Starts a domain that leaves no configuration behind when it stops.</summary>
    /// <param name="xml">Domain XML with a UUID; a UUID or name already in use is refused by libvirt.</param>
    /// <param name="paused">True to leave its CPUs stopped until <see cref="ResumeAsync"/>.</param>
    /// <param name="cancel">Stops the waiting.</param>
    public Task<DomainInfo> CreateTransientAsync(string xml, bool paused = false, CancellationToken cancel = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(xml);
        return calls.RunAsync(new CallName("create a domain", null), (connection, call) =>
        {
            using var domain = NativeFailure.Check(
                NativeDomain.virDomainCreateXML(connection, xml, paused ? NativeDomain.StartPaused : 0), call);
            return Describe(domain, call);
        }, cancel);
    }

    /// <summary>Finds a domain.</summary>
    /// <returns>Null when this host does not have it.</returns>
    public async Task<DomainInfo?> LookupAsync(Guid domain, CancellationToken cancel = default)
    {
        try
        {
            return await calls.RunAsync(new CallName("look up", domain), Describe, cancel);
        }
        catch (LibvirtException failure) when (failure.IsNoSuchDomain)
        {
            return null;
        }
    }

    /// <summary>All domains of this host, running or not, ours or not.</summary>
    public Task<IReadOnlyList<DomainInfo>> ListAsync(CancellationToken cancel = default) =>
        calls.RunAsync(new CallName("list domains", null), List, cancel);

    /// <summary>Ends a domain at once, as if its power were cut.</summary>
    /// <returns>False when this host does not have it (any more).</returns>
    public async Task<bool> DestroyAsync(Guid domain, CancellationToken cancel = default)
    {
        try
        {
            await calls.RunAsync(new CallName("destroy", domain),
                (handle, call) => NativeFailure.Check(NativeDomain.virDomainDestroyFlags(handle, 0), call), cancel);
            return true;
        }
        catch (LibvirtException failure) when (failure.IsNoSuchDomain)
        {
            return false;
        }
    }

    /// <summary>Asks the guest to shut down (ACPI power button). Returns when asked; wait for the Stopped
    /// event.</summary>
    public Task ShutdownAsync(Guid domain, CancellationToken cancel = default) =>
        calls.RunAsync(new CallName("shut down", domain),
            (handle, call) => NativeFailure.Check(NativeDomain.virDomainShutdownFlags(handle, 0), call), cancel);

    /// <summary>Stops the CPUs; memory stays.</summary>
    public Task SuspendAsync(Guid domain, CancellationToken cancel = default) =>
        calls.RunAsync(new CallName("suspend", domain),
            (handle, call) => NativeFailure.Check(NativeDomain.virDomainSuspend(handle), call), cancel);

    /// <summary>Lets stopped CPUs run again.</summary>
    public Task ResumeAsync(Guid domain, CancellationToken cancel = default) =>
        calls.RunAsync(new CallName("resume", domain),
            (handle, call) => NativeFailure.Check(NativeDomain.virDomainResume(handle), call), cancel);

    /// <summary>The domain's XML as it runs now, with everything libvirt filled in; without secrets.</summary>
    /// <param name="domain">Which.</param>
    /// <param name="forMigration">The form to change and hand to a migration as the target's description.</param>
    /// <param name="cancel">Gives up waiting.</param>
    public Task<string> GetXmlAsync(Guid domain, bool forMigration = false, CancellationToken cancel = default) =>
        calls.RunAsync(new CallName("read the XML", domain),
            (handle, call) => NativeText.Take(
                NativeDomain.virDomainGetXMLDesc(handle, forMigration ? NativeDomain.XmlMigratable : 0), call), cancel);

    private static DomainInfo Describe(DomainHandle domain, CallName call)
    {
        // The handle outlives the borrowed pointer: KeepAlive holds it to the end.
        var info = DomainIdentity.Describe(domain.DangerousGetHandle(), call);
        GC.KeepAlive(domain);
        return info;
    }

    // SAFETY: libvirt gives a list of count pointers that are ours; only those are read, and all is freed at the end.
    private static unsafe IReadOnlyList<DomainInfo> List(ConnectHandle connection, CallName call)
    {
        var count = NativeFailure.Check(NativeDomain.virConnectListAllDomains(connection, out var list, 0), call);
        var infos = new List<DomainInfo>(Math.Min(count, ListLimit));
        try
        {
            for (var i = 0; i < count; i++)
            {
                // SAFETY: the list holds count domain pointers that are ours; each is owned once and freed here.
                using var domain = DomainHandle.Own(list[i]);
                TryDescribe(domain, call, infos);
            }
        }
        finally
        {
            // SAFETY: the array itself was malloc'ed for us; its elements were taken over above.
            NativeMemory.Free(list);
        }
        return infos;
    }

    private static void TryDescribe(DomainHandle domain, CallName call, List<DomainInfo> infos)
    {
        try
        {
            infos.Add(Describe(domain, call));
        }
        catch (LibvirtException failure) when (failure.IsNoSuchDomain)
        {
            // It ended between the list and the question: then it is not on this host.
        }
    }
}
