"""A Swift of one account, container and object server and a proxy with TempAuth on 127.0.0.1, for bench/storages and bench/memory: Debian's packages, as
tests/full installs them. Needs root and a file system with extended attributes. User test:tester, key testing, a container `mail`."""
import json, os, pathlib, signal, socket, subprocess, time, urllib.request

USER, KEY, CONTAINER = "test:tester", "testing", "mail"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_port(port, seconds=60):
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise SystemExit(f"nothing listens on port {port}")
            time.sleep(0.1)


class Swift:
    def __init__(self, folder, pin=()):
        self.dir, self.pin, self.procs = pathlib.Path(folder).resolve(), list(pin), []
        (self.dir / "srv/d1").mkdir(parents=True)
        (self.dir / "swift.conf").write_text("[swift-hash]\nswift_hash_path_suffix = s\nswift_hash_path_prefix = p\n[storage-policy:0]\nname = gold\ndefault = yes\n")
        memory = free_port()
        self.start("memcached", "-l", "127.0.0.1", "-p", str(memory), "-U", "0", "-m", "32", "-u", "nobody")
        common = f"bind_ip = 127.0.0.1\nworkers = 0\nuser = root\nswift_dir = {self.dir}\n"
        for kind in ("account", "container", "object"):
            port, builder = free_port(), str(self.dir / f"{kind}.builder")
            for step in (["create", "4", "1", "1"], ["add", f"r1z1-127.0.0.1:{port}/d1", "1"], ["rebalance"]):
                subprocess.run(["swift-ring-builder", builder, *step], stdout=subprocess.DEVNULL)
            conf = self.dir / f"{kind}-server.conf"
            conf.write_text(f"[DEFAULT]\ndevices = {self.dir}/srv\nmount_check = false\nbind_port = {port}\n{common}log_udp_host =\n"
                            f"[pipeline:main]\npipeline = {kind}-server\n[app:{kind}-server]\nuse = egg:swift#{kind}\nconn_timeout = 20\nnode_timeout = 60\n")
            self.start(f"swift-{kind}-server", str(conf))
            wait_port(port)
        # Last: a proxy that finds a server missing does without it for a minute.
        self.port = free_port()
        conf = self.dir / "proxy-server.conf"
        conf.write_text(f"[DEFAULT]\nbind_port = {self.port}\n{common}[pipeline:main]\npipeline = catch_errors cache bulk s3api tempauth slo proxy-server\n"
                        "[app:proxy-server]\nuse = egg:swift#proxy\nconn_timeout = 20\nnode_timeout = 60\nerror_suppression_limit = 1000000\n"
                        "allow_account_management = true\naccount_autocreate = true\n"
                        f"[filter:catch_errors]\nuse = egg:swift#catch_errors\n[filter:cache]\nuse = egg:swift#memcache\nmemcache_servers = 127.0.0.1:{memory}\n"
                        "connect_timeout = 20\npool_timeout = 20\nio_timeout = 20\n"
                        "[filter:bulk]\nuse = egg:swift#bulk\n[filter:s3api]\nuse = egg:swift#s3api\ns3_acl = false\nlocation = us-east-1\n[filter:slo]\nuse = egg:swift#slo\n"
                        "[filter:tempauth]\nuse = egg:swift#tempauth\nuser_test_tester = testing .admin\nstorage_url_scheme = default\n")
        self.start("swift-proxy-server", str(conf))
        wait_port(self.port)
        with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{self.port}/auth/v1.0", headers={"X-Auth-User": USER, "X-Auth-Key": KEY}), timeout=60) as answer:
            self.url, self.token = answer.headers["X-Storage-Url"], answer.headers["X-Auth-Token"]
        self.ask(f"/{CONTAINER}", method="PUT")
        self.storage = f"swift://{CONTAINER}?auth=http://127.0.0.1:{self.port}/auth/v1.0&identity=tempauth"
        self.settings = {"SLIMTAFAST__OpenStack__UserName": USER, "SLIMTAFAST__OpenStack__Secret": KEY}
        self.s3_storage = f"s3://{CONTAINER}?endpoint=http://127.0.0.1:{self.port}"
        self.s3_settings = {"SLIMTAFAST__Aws__AccessKey": USER, "SLIMTAFAST__Aws__SecretKey": KEY}

    def start(self, *command):
        with open(self.dir / "log", "ab") as log:
            self.procs.append(subprocess.Popen(self.pin + list(command), stdout=log, stderr=log))

    def ask(self, path, method="GET"):
        with urllib.request.urlopen(urllib.request.Request(self.url + path, method=method, headers={"X-Auth-Token": self.token}), timeout=60) as answer:
            return answer.read()

    def stored(self):
        """Items in the container."""
        marker, count = "", 0
        while True:
            page = json.loads(self.ask(f"/{CONTAINER}?format=json&prefix=slimta/items/&marker={marker}"))
            if not page:
                return count
            marker, count = page[-1]["name"], count + len(page)

    def stop(self):
        for proc in self.procs:
            proc.send_signal(signal.SIGTERM)
        for proc in self.procs:
            try:
                proc.wait(20)
            except subprocess.TimeoutExpired:
                proc.kill()
                proc.wait()
