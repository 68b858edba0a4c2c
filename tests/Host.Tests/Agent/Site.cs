using System.Security.Cryptography;
using VioActors.Contracts;
using VioActors.Daemon.Agent.Fabric;
using VioActors.Daemon.Security;

namespace VioActors.Daemon.Tests.Agent;

/// <summary>A site's CA and identities of agents, in a directory of their own.</summary>
internal sealed class Site : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("vio-agent-").FullName;
    private readonly SiteAuthority _authority;

    public Site() => _authority = SiteAuthority.LoadOrCreate(_root, "test", TimeProvider.System);

    public string Directory_(string name) => Directory.CreateDirectory(Path.Combine(_root, name)).FullName;

    public AgentIdentity Agent(string host)
    {
        var directory = Path.Combine(_root, "identity-" + host);
        using var key = AgentIdentity.LoadOrCreateKey(directory);
        using var leaf = _authority.IssueAgent(AgentIdentity.RequestPem(key), new HostId(host));
        AgentIdentity.Save(
            directory, leaf.ExportCertificatePem(), _authority.Trust.Root.ExportCertificatePem(),
            new SiteMembership(_authority.Trust.Site, new HostId(host), host, ["127.0.0.1:1"]));
        return AgentIdentity.Load(directory);
    }

    /// <summary>A new certificate for an agent's key, as the site answers a renewal.</summary>
    public string RenewedPem(AgentIdentity agent)
    {
        using var leaf = _authority.IssueAgent(agent.RequestPem(), agent.Host);
        return leaf.ExportCertificatePem();
    }

    public AgentTls Tls(string host) => new(Agent(host), TimeProvider.System);

    public static byte[] Noise(int length) => RandomNumberGenerator.GetBytes(length);

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_root, recursive: true);
    }
}
