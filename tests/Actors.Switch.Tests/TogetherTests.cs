using VioActors.Actors.Testing;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Networks;
using VioActors.Runtime;

namespace VioActors.Actors.Switch.Tests;

/// <summary>
/// One network, three switches and hosts that apply, fail, leave and return in random order. While that goes on every
/// request gets at most one answer; when all hosts are back, each has got one and every host holds the table.
/// </summary>
public class TogetherTests
{
    private readonly ActorHarness<NetworkState> _network = Nets.Network();
    private readonly Dictionary<HostId, ActorHarness<SwitchState>> _switches =
        Nets.Hosts.ToDictionary(host => host, Nets.Switch);

    /// <summary>What is under way, in order per pair of actors.</summary>
    private readonly Dictionary<(ActorKey From, ActorKey To), Queue<object>> _mail = [];
    private readonly Dictionary<HostId, Effect> _running = [];
    private readonly Dictionary<HostId, object> _timers = [];
    private readonly Dictionary<HostId, SwitchWanted> _held = [];
    private readonly Dictionary<string, int> _answers = [];
    private int _failedRequests;

    [Fact]
    public void AllEndsWell()
    {
        var failed = 0;
        for (var seed = 0; seed < 60; seed++)
        {
            var world = new TogetherTests();
            world.Run(seed);
            failed += world._failedRequests;
        }
        Assert.True(failed > 50,
            $"{failed} requests failed: hosts must be away often enough for this test to mean something.");
    }

    private void Run(int seed)
    {
        var random = new Random(seed);
        for (var step = 0; step < 150; step++)
        {
            var host = Nets.Hosts[random.Next(3)];
            switch (random.Next(12))
            {
                case 0:
                    Ask(random, step);
                    break;
                case 1:
                    Turn(_switches[host].Self,
                        random.Next(3) > 0 ? _switches[host].Connect() : _switches[host].Disconnect());
                    break;
                case 2:
                    Finish(host, random.Next(3) == 0 ? Nets.Broken : null);
                    break;
                case 3:
                    Fire(host);
                    break;
                default:
                    Deliver(random);
                    break;
            }
            Assert.All(_answers, answer => Assert.InRange(answer.Value, 0, 1));
        }
        Settle(seed, random);
    }

    /// <summary>Liveness: faults are over, everything that is under way ends.</summary>
    private void Settle(int seed, Random random)
    {
        foreach (var host in Nets.Hosts)
            Turn(_switches[host].Self, _switches[host].Connect());
        for (var i = 0; i < 2000; i++)
        {
            Deliver(random);
            Finish(Nets.Hosts[i % 3], null);
        }
        Assert.Empty(_mail);
        Assert.All(_answers, answer =>
            Assert.True(answer.Value == 1, $"seed {seed}: {answer.Key} has {answer.Value} answers."));
        Assert.Empty(_network.State.Waits);
        foreach (var host in Nets.Hosts)
        {
            if (!_network.State.Members.ContainsKey(host))
            {
                Assert.Empty(_held[host].Environments);
                continue;
            }

            var part = Assert.Single(_held[host].Environments);
            Assert.Equal(_network.State.Entries.Values, part.Entries.Select(one => one with { Ip6 = null }));
            Assert.Equal(_network.State.Members.Values, part.Members);
            Assert.All(part.Members, one => Assert.Equal($"{one.Host}:7000", one.Endpoint));
        }
        _network.AssertReplays();
        Assert.All(_switches.Values, one => one.AssertReplays());
    }

    private void Ask(Random random, int step)
    {
        var (node, host) = (random.Next(1, 5), Nets.Hosts[random.Next(3)]);
        var id = $"r{step}";
        var before = _network.State.Entries;
        _answers[id] = 0;
        Turn(_network.Self, _network.Hear(Nets.Asker, random.Next(4) switch
        {
            0 => new Unplug(id, [Nets.Node(node)]),
            1 => new Prebind(id, Nets.Node(node), host),
            2 => new Settle(id, Nets.Node(node), host),
            _ => new Plug(id, [Nets.Item(node, host)]),
        }));
        foreach (var (changed, entry) in _network.State.Entries)
            if (before.TryGetValue(changed, out var old) && (old.Host, old.PreboundHost) != (entry.Host,
                entry.PreboundHost))
                Assert.True(entry.Sequence > old.Sequence);
    }

    private void Finish(HostId host, Failure? failure)
    {
        if (!_running.Remove(host, out var effect))
            return;
        var wanted = ((SwitchCall)effect.Payload).Wanted;
        if (failure is null)
        {
            Assert.True(!_held.TryGetValue(host, out var held) || held.Version < wanted.Version);
            _held[host] = wanted;
        }
        Turn(_switches[host].Self, _switches[host].Ask(new SwitchAnswered(wanted.Version, failure)));
    }

    private void Fire(HostId host)
    {
        if (_timers.Remove(host, out var message))
            Turn(_switches[host].Self, _switches[host].Ask(message));
    }

    private void Deliver(Random random)
    {
        if (_mail.Count == 0)
            return;
        var pair = _mail.Keys.OrderBy(key => key.ToString(),
            StringComparer.Ordinal).ElementAt(random.Next(_mail.Count));
        var message = _mail[pair].Dequeue();
        if (_mail[pair].Count == 0)
            _mail.Remove(pair);
        Turn(pair.To, pair.To == _network.Self
            ? _network.Hear(pair.From, message)
            : _switches[HostId.From(pair.To.Id)].Hear(pair.From, message));
    }

    /// <summary>Does with a decision what the runtime would do.</summary>
    private void Turn(ActorKey actor, Decision decision)
    {
        Assert.Null(decision.Refusal);
        foreach (var send in decision.Sends)
        {
            if (send.Message is NetworkAnswer answer)
            {
                _answers[answer.RequestId]++;
                _failedRequests += answer.Failure is null ? 0 : 1;
                continue;
            }
            if (!_mail.TryGetValue((actor, send.To), out var queue))
                _mail.Add((actor, send.To), queue = []);
            queue.Enqueue(send.Message);
        }
        if (actor.Kind != ActorKinds.Switch)
            return;
        var host = HostId.From(actor.Id);
        foreach (var cancelled in decision.CancelledEffects)
        {
            Assert.Equal(cancelled, _running[host].Id);
            _running.Remove(host);
        }
        foreach (var effect in decision.Effects)
            Assert.True(_running.TryAdd(host, effect), "There is never more than one effect under way.");
        foreach (var timer in decision.Timers)
            if (timer.Message is null)
                _timers.Remove(host);
            else
                _timers[host] = timer.Message;
    }
}
