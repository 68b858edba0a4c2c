using VioActors.EndToEnd.Switch;
using VioActors.Switch.DataPlane;

namespace VioActors.EndToEnd.Services;

/// <summary>Two guests of one environment with services, on one host or on two.</summary>
internal sealed class ServiceLab : IAsyncDisposable
{
    public const string Service = "10.1.255.3";
    public const string Service6 = "fd00:1::ff";
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly SwitchLab _lab;
    private readonly bool _oneHost;

    private ServiceLab(SwitchLab lab, bool oneHost) => (_lab, _oneHost) = (lab, oneHost);

    public string One { get; private set; } = "";
    public string Two { get; private set; } = "";

    public static string Ip6(int node) => $"fd00:1::{node}";

    public static async Task<ServiceLab> StartAsync(bool oneHost, string? duplicates = null, bool gateway = false)
    {
        SwitchLab lab = await SwitchLab.StartAsync();
        try
        {
            var services = new ServiceLab(lab, oneHost);
            Assert.Empty((await lab.A.ApplyAsync(services.State("a", duplicates, gateway), None)).Errors);
            Assert.Empty((await lab.B.ApplyAsync(services.State("b", duplicates, gateway), None)).Errors);
            services.One = lab.AddGuest("a", "1", 1, up: false);
            services.Two = lab.AddGuest(oneHost ? "a" : "b", "2", 2, up: false);
            foreach (string guest in (string[])[services.One, services.Two])
                Shell.In(guest, "ip", "link", "set", "eth0", "up");
            await lab.WaitUpAsync("astro");
            return services;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>The counters of a node's port.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CountersAsync(int node) =>
        (await EnvironmentAsync(node)).Ports.Single(p => p.Node == "n" + node).Counters;

    /// <summary>What the host of a node knows about the environment.</summary>
    public async Task<EnvironmentStatus> EnvironmentAsync(int node) =>
        (await (node == 1 || _oneHost ? _lab.A : _lab.B).StatusAsync(None)).Environments.Single();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    private SwitchWantedState State(string host, string? duplicates, bool gateway)
    {
        string second = _oneHost ? "a" : "b";
        WantedPort[] ports = [Port(1), Port(2)];
        return new SwitchWantedState
        {
            Version = 1,
            Environments =
            [
                new WantedEnvironment
                {
                    Id = "astro",
                    Members = SwitchLab.Members(),
                    Duplicates = duplicates,
                    Ports = [.. ports.Where((_, i) => host == (i == 0 ? "a" : second))],
                    Table = [Node(1, "one", "a"), Node(2, "two", second)],
                    Services = new WantedServices
                    {
                        Mac = "0a:56:49:4f:00:ff",
                        Ip = Service + "/16",
                        Ip6 = Service6,
                        Domain = "astro.vio",
                        Gateway = gateway ? SwitchLab.Ip(2) : null,
                        Gateway6 = gateway ? Ip6(2) : null,
                    },
                },
            ],
        };
    }

    private static WantedPort Port(int node) => SwitchLab.Port($"{node}", node) with { Ip6 = Ip6(node) };

    private static WantedNode Node(int node, string name, string host) =>
        SwitchLab.Node(node, host) with { Name = name, Ip6 = Ip6(node) };
}
