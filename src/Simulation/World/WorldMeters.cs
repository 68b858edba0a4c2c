namespace VioActors.Simulation.World;

/// <summary>Counts what a run costs and what it loses.</summary>
internal sealed class WorldMeters(IReadOnlyList<WorldHost> hosts)
{
    private const double JoulesPerKwh = 3.6e6;
    private const double Rounding = 1e-9;
    private double _joules;
    private double _activeSeconds;
    private double _shortSeconds;
    private double _wantedCoreSeconds;
    private double _withheldCoreSeconds;
    private double _givenCpu;
    private double _usedCpu;
    private double _givenMemory;
    private double _usedMemory;

    internal double EnergyKwh => _joules / JoulesPerKwh;

    /// <summary>SLATAH x PDM of Beloglazov and Buyya (2012) over all hosts and nodes, in per cent.</summary>
    internal double SlavPercent => 100 * Part(_shortSeconds, _activeSeconds)
        * Part(_withheldCoreSeconds, _wantedCoreSeconds);

    internal double CpuSlack => 1 - Part(_usedCpu, _givenCpu, 1);

    internal double MemorySlack => 1 - Part(_usedMemory, _givenMemory, 1);

    internal WorldSeries Load { get; } = new(hosts.Count);

    internal WorldSeries Watts { get; } = new(1);

    internal void Host(WorldHost host, double seconds)
    {
        _joules += host.Watts * seconds;
        if (host.Phase != HostPhase.On || host.Nodes.Count == 0) return;
        _activeSeconds += seconds;
        var wanted = host.Nodes.Sum(node => Math.Min(node.Demand, node.Work.Setup.Vcpus));
        if (wanted > host.Used + Rounding) _shortSeconds += seconds;
    }

    /// <summary>Counts a node that has started; gives the service it lost, in seconds.</summary>
    internal double Node(WorldNode node, double seconds)
    {
        _wantedCoreSeconds += node.Demand * seconds;
        var lost = node.Demand > 0 ? seconds * Math.Max(0, 1 - node.Speed / node.Demand) : 0;
        if (node.Host is null) return lost;
        _withheldCoreSeconds += node.Withheld * seconds;
        _givenCpu += node.Given * seconds;
        _usedCpu += node.Gets * seconds;
        _givenMemory += node.GuestMiB * seconds;
        _usedMemory += Math.Min(node.GuestMiB, node.MemoryUsedMiB) * seconds;
        return lost;
    }

    internal void Show(double seconds)
    {
        Watts.Add(seconds, _ => hosts.Sum(host => host.Watts));
        // Below zero: not on.
        Load.Add(seconds, index => hosts[index].Phase == HostPhase.On
            ? hosts[index].Used / hosts[index].Setup.Cores : -1);
    }

    private static double Part(double some, double all, double empty = 0) => all > 0 ? some / all : empty;
}

/// <summary>
/// Values over time, averaged into at most <see cref="Most"/> equal pieces: when they are full, two and two become one.
/// </summary>
internal sealed class WorldSeries(int width)
{
    /// <summary>Pieces kept.</summary>
    internal const int Most = 240;

    private readonly List<double[]> _pieces = [];
    private double _length;
    private double _filled;

    /// <summary>Length of a piece, in seconds.</summary>
    internal double PieceSeconds => _length;

    /// <summary>For each piece its values.</summary>
    internal IReadOnlyList<double[]> Pieces => _pieces;

    internal void Add(double seconds, Func<int, double> value)
    {
        if (_length == 0) _length = seconds;
        if (_pieces.Count == 0 || _filled >= _length - 1e-9) Open();
        var sums = _pieces[^1];
        for (var i = 0; i < width; i++)
            sums[i] = (sums[i] * _filled + value(i) * seconds) / (_filled + seconds);
        _filled += seconds;
    }

    private void Open()
    {
        if (_pieces.Count == Most)
        {
            for (var i = 0; i < Most / 2; i++)
                _pieces[i] = [.. _pieces[2 * i].Zip(_pieces[2 * i + 1], (one, other) => (one + other) / 2)];
            _pieces.RemoveRange(Most / 2, Most / 2);
            _length *= 2;
        }

        _pieces.Add(new double[width]);
        _filled = 0;
    }
}
